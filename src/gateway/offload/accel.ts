import type { DeliveryOrder } from '../../deliver/contract.ts'
import { encodePath } from '../../deliver/encode-path.ts'
import { pickHeaders } from '../../deliver/header-list.ts'
import type { Refusal } from '../../policy/refusal.ts'
import { sendHead } from '../answer.ts'
import type { Judgement } from '../authorize.ts'
import type { Exchange } from '../exchange.ts'
import type { Result } from '../observation.ts'
import { warningsFor, type Warn } from '../warnings.ts'
import type { Offloads } from './offloads.ts'
import { prepare, type Prepared, type PrepareOptions } from './prepare.ts'

export interface AccelOptions extends PrepareOptions {
  readonly offloads: Pick<Offloads, 'begin' | 'beginLink' | 'cancel'>
  /** True for the address of an nginx in front: nobody else understands X-Accel-Redirect. */
  readonly isFront: (peer: string) => boolean
  readonly warn: Warn
  /** Epoch ms. */
  readonly clock: () => number
}

/** Names the delivery in the log of the front, which does not pass it on. */
const DELIVERY_HEADER = 'x-postern-delivery'

/** Of the storage's headers, those that nginx keeps beside a file that it sends itself. */
const KEPT: ReadonlySet<string> = new Set(['content-type', 'content-disposition', 'cache-control', 'expires'])

/**
 * Has the nginx in front send a file of its own (X-Accel-Redirect), where the repository is set up for it and the request came through that
 * nginx. undefined: the gate has to answer. The path that nginx is given is made of the canonical one, and holds no secret.
 */
export async function sendByAccel(
  options: AccelOptions,
  exchange: Exchange,
  judgement: Judgement,
  order: DeliveryOrder,
): Promise<Result | Refusal | undefined> {
  const prefix = judgement.served?.accel
  if (prefix === undefined || order.method === 'HEAD') return undefined
  if (!options.isFront(exchange.request.peer)) return undefined
  const at = options.clock()
  const prepared = await prepare(options, judgement, order, exchange.isGone)
  if (prepared === 'gate') return undefined
  return prepared.ok ? send(options, exchange, judgement, { ...prepared, at, prefix }) : prepared
}

async function send(
  options: AccelOptions,
  { request, reply, isGone, over }: Exchange,
  judgement: Judgement,
  file: Prepared & { readonly at: number; readonly prefix: string },
): Promise<Result> {
  const { offloads } = options
  const { account, delivering, extent, opened, upstreamMs, at } = file
  const userAgent = request.headers['user-agent']
  const handing = { judgement, delivering, account, extent, upstreamMs, at, userAgent, method: 'GET' }
  const id = offloads.begin(handing)
  const { charged } = account
  const result = { status: 200, charged, upstreamMs }
  if (isGone()) {
    if (id !== undefined) offloads.cancel(id)
    return { ...result, outcome: 'aborted', bytes: 0 }
  }
  const kept = pickHeaders(opened?.headers ?? [], (name) => KEPT.has(name))
  const location = file.prefix + encodePath(judgement.artifact?.path ?? '')
  const named = id === undefined ? [] : [DELIVERY_HEADER, id]
  const headers = [...kept, 'content-length', '0', 'x-accel-redirect', location, ...named]
  sendHead(
    reply,
    { ok: true, status: 200, headers, extent, body: null },
    warningsFor(options, judgement, account),
  )
  reply.body.end()
  const hasHeard = await over()
  if (id === undefined) return { ...result, outcome: 'delivered', bytes: extent.end - extent.start }
  if (hasHeard) return { ...result, outcome: 'delivered', bytes: 0, isObservedLater: true }
  offloads.cancel(id)
  return { ...result, outcome: 'aborted', bytes: 0 }
}
