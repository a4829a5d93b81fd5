import { evaluateConditions } from '../../deliver/conditions.ts'
import type { Answer, DeliveryOrder, Opened } from '../../deliver/contract.ts'
import { valueOf } from '../../deliver/header-list.ts'
import { readHttpDate } from '../../deliver/http-date.ts'
import { effectiveHeaders, wholeHeaders } from '../../deliver/request-headers.ts'
import type { Refusal } from '../../policy/refusal.ts'
import type { Token } from '../../policy/types.ts'
import type { Account, Accounts } from '../accounts.ts'
import type { Judgement } from '../authorize.ts'
import type { Delivering } from '../charge-request.ts'
import { deliveringOf, NO_ANSWER, NOTHING } from '../delivering.ts'
import { judgePublication } from '../published.ts'
import { expectedExtent } from './expected-extent.ts'

export interface PrepareOptions {
  readonly accounts: Pick<Accounts, 'charge' | 'holdBack'>
  /** The storage is asked for the size of each file, and whether it is there. Else only where a limit depends on it. */
  readonly asksStorage: boolean
  /** The end of a delivery will be known; else it is taken for delivered. */
  readonly settlesByLog: boolean
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
}

/** A file that was charged and may be sent by another server. */
export interface Prepared {
  readonly ok: true
  /** What the storage said to a HEAD; undefined: it was not asked. */
  readonly opened: Opened | undefined
  readonly extent: Opened['extent']
  readonly delivering: Delivering | undefined
  readonly account: Account
  readonly upstreamMs: number | null
}

/** An answer that the gate has to make itself: a document for this client, a 304, a page, a file of unknown length for a token with few bytes. */
export type ByGate = 'gate'

const UNKNOWN_SIZE = { start: 0, end: 0, size: null } as const

/**
 * Charges a file that another server is to send: after the same judgement as any other, before its first byte, by the same limits. What the
 * server will send at most is charged, and corrected when its log tells what it sent. `isGone`: nobody waits for the answer any more.
 */
export async function prepare(
  options: PrepareOptions,
  judgement: Judgement,
  order: DeliveryOrder,
  isGone: () => boolean,
): Promise<Prepared | Refusal | ByGate> {
  const { accounts, monotonic } = options
  const { served, token, page, verdict } = judgement
  if (!verdict.ok) return verdict
  if (served === undefined || page !== undefined || served.deliverer.sendsAsItLies?.(order) !== true)
    return 'gate'
  const heldBack = token && accounts.holdBack(token)
  if (heldBack !== undefined) return heldBack
  const asked = monotonic()
  const answer = needsAnswer(options, token) ? await ask(served.deliverer.open, order) : undefined
  const upstreamMs = answer === undefined ? null : monotonic() - asked
  if (answer?.ok === false) return (await chargeAbsent(accounts, judgement, answer)) ?? answer
  if (answer !== undefined && !canBeHandedOver(order, answer, token)) return 'gate'
  const tooLate = answer && token && judgePublication(token, verdict, answer)
  if (tooLate !== undefined) return tooLate
  if (isGone()) return 'gate'
  const extent = answer === undefined ? UNKNOWN_SIZE : expectedExtent(effectiveHeaders(order), answer)
  const delivering = handedOver(options, judgement, order, extent)
  const account = delivering === undefined ? NOTHING : await accounts.charge(delivering)
  if ('ok' in account) return account
  return { ok: true, opened: answer, extent, delivering, account, upstreamMs }
}

function needsAnswer({ asksStorage }: PrepareOptions, token: Token | undefined): boolean {
  const { limits, record } = token ?? {}
  return asksStorage || (limits?.limitBytes ?? null) !== null || (record?.publishedUntil ?? null) !== null
}

function ask(open: (order: DeliveryOrder) => Answer | Promise<Answer>, order: DeliveryOrder) {
  return open({ ...order, method: 'HEAD', headers: wholeHeaders(order.headers) })
}

/** "Not found" is an answer of the storage like any other: asking for it counts for the rate. */
async function chargeAbsent(
  accounts: PrepareOptions['accounts'],
  judgement: Judgement,
  refusal: Refusal,
): Promise<Refusal | undefined> {
  const delivering = refusal.code === 'not_found' ? deliveringOf(judgement, NO_ANSWER) : undefined
  const account = delivering && (await accounts.charge(delivering))
  return account !== undefined && 'ok' in account ? account : undefined
}

/** Nobody else can cut a file where the bytes of a token end, and nobody else knows what the client may take for unchanged. */
function canBeHandedOver(order: DeliveryOrder, opened: Opened, token: Token | undefined): boolean {
  const { status, extent } = opened
  if (status !== 200) return false
  if (extent.size === null) return (token?.limits.limitBytes ?? null) === null
  const file = {
    size: extent.size,
    etag: valueOf(opened.headers, 'etag'),
    modified: readHttpDate(valueOf(opened.headers, 'last-modified')),
  }
  const { status: answered } = evaluateConditions(effectiveHeaders(order), file)
  return answered === 200 || answered === 206
}

function handedOver(
  { settlesByLog }: PrepareOptions,
  judgement: Judgement,
  { method }: DeliveryOrder,
  extent: Opened['extent'],
): Delivering | undefined {
  const body = method === 'GET' ? {} : null
  const delivering = deliveringOf(judgement, { status: 200, body, extent })
  return delivering && { ...delivering, isReady: !settlesByLog, isOffloaded: settlesByLog }
}
