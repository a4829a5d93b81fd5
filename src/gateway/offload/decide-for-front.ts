import type { IncomingHttpHeaders } from 'node:http'
import { encodePath } from '../../deliver/encode-path.ts'
import { refusalResponse, type RefusalResponse } from '../../http/refusal-response.ts'
import { refuse, type Refusal } from '../../policy/refusal.ts'
import { StoreError } from '../../store/contract.ts'
import type { Observation } from '../../telemetry/observation.ts'
import { answerForm, canBeChallenged } from '../answer-form.ts'
import {
  authorize,
  isShown,
  type AuthorizeOptions,
  type IncomingRequest,
  type Judgement,
} from '../authorize.ts'
import { loginText } from '../login.ts'
import { observationOf } from '../observation.ts'
import { orderOf } from '../order.ts'
import type { Routes } from '../routes.ts'
import { warningsFor, type Warn } from '../warnings.ts'
import type { Offloads } from './offloads.ts'
import { prepare, type Prepared, type PrepareOptions } from './prepare.ts'
import { rangeOf } from './expected-extent.ts'

/** A request that a front asks about, as the front says that it came. */
export interface FrontRequest extends IncomingRequest {
  readonly headers: IncomingHttpHeaders
  /**
   * Whether the front, which passes on what the client wrote, gets the file at this path by it. undefined: it goes by the path that it is told.
   */
  readonly accepts: ((path: string) => boolean) | undefined
  /** The front that asked is gone. */
  readonly isGone: () => boolean
  readonly onGone: (listener: () => void) => void
}

/** What the front is to do. */
export type Decision =
  | {
      readonly kind: 'front'
      /** `owner/repo`. */
      readonly repository: string
      /** Canonical, below the repository; never what the client wrote. */
      readonly path: string
      /** The same for a URL: decoding it once gives `path`. */
      readonly encodedPath: string
      /** As in a Range header: what may be sent of the file; undefined: the whole. */
      readonly range: string | undefined
      /** For the front's log; undefined: no log is read. */
      readonly id: string | undefined
      /** What is said to the customer besides, as a flat list. */
      readonly warnings: readonly string[]
    }
  /** Pass the request on to the gate as it came. */
  | { readonly kind: 'gate' }
  | { readonly kind: 'refused'; readonly response: RefusalResponse }

/** `final`: the client will get this decision; else the front asks the gate when it is refused, and that counts. */
export type DecideForFront = (request: FrontRequest, isFinal: boolean) => Promise<Decision>

export interface DecideOptions extends AuthorizeOptions, PrepareOptions {
  readonly routes: () => Routes
  readonly offloads: Pick<Offloads, 'begin' | 'cancel'>
  readonly warn: Warn
  readonly observe: (observation: Observation) => void
  /** Told of what should never happen, and of a store that does not answer. */
  readonly onError: (error: unknown) => void
}

/**
 * Makes what decides for other servers: the steps of the gate in their order, from the reading of the path to the charge, without a delivery.
 * Never rejects; what goes wrong is a refusal.
 */
export function createDecideForFront(options: DecideOptions): DecideForFront {
  return async (request, isFinal) => {
    const at = options.clock()
    let judgement: Judgement | undefined
    const refused = (refusal: Refusal): Decision => {
      const response = render(request, judgement, refusal)
      if (isFinal) options.observe(refusalSeen(request, judgement, refusal, response, at, options.clock()))
      return { kind: 'refused', response }
    }
    try {
      const routes = options.routes()
      judgement = await authorize(request, routes, options)
      const { verdict } = judgement
      if (!verdict.ok) return refused(verdict)
      if (isAnsweredByGate(judgement)) return { kind: 'gate' }
      const order = orderOf({ request, onGone: request.onGone }, judgement, routes.baseUrl)
      if (order === undefined) return refused(refuse('not_found'))
      if (request.accepts?.(order.artifact.path) === false) return refused(ODDLY_SPELT)
      const prepared = await prepare(options, judgement, order, request.isGone)
      if (prepared === 'gate') return { kind: 'gate' }
      return prepared.ok ? handOver(options, request, judgement, prepared, at) : refused(prepared)
    } catch (error) {
      options.onError(error)
      return refused(refuse(error instanceof StoreError ? 'store_unavailable' : 'internal_error'))
    }
  }
}

/** It wants no file. */
function isAnsweredByGate(judgement: Judgement): boolean {
  const { target, isAccepting } = judgement
  const isService = target?.isGreeting === true || target?.isDiscovery === true
  return isService || isAccepting || isShown(judgement) || loginText(judgement) !== undefined
}

const ODDLY_SPELT = refuse('path_ambiguous', {
  why: 'another spelling than the plain one, which the proxy in front needs',
})

function handOver(
  options: DecideOptions,
  request: FrontRequest,
  judgement: Judgement,
  prepared: Prepared,
  at: number,
): Decision {
  const { method } = request
  const userAgent = request.headers['user-agent']
  const id = options.offloads.begin({ ...prepared, judgement, method, userAgent, at })
  if (id === undefined) options.observe(deliverySeen(request, judgement, prepared, at, options.clock()))
  else if (request.isGone()) options.offloads.cancel(id)
  else request.onGone(() => options.offloads.cancel(id))
  const path = judgement.artifact?.path ?? ''
  return {
    kind: 'front',
    repository: `${judgement.target?.owner}/${judgement.target?.repo}`,
    path,
    encodedPath: encodePath(path),
    range: method === 'HEAD' ? undefined : rangeOf(prepared.extent),
    id,
    warnings: warningsFor(options, judgement, prepared.account) ?? [],
  }
}

function render(
  { headers, target }: FrontRequest,
  judgement: Judgement | undefined,
  refusal: Refusal,
): RefusalResponse {
  const { accept } = headers
  const form = answerForm(judgement, target, accept)
  return refusalResponse(refusal, { challenge: canBeChallenged(judgement), form, accept, close: false })
}

function refusalSeen(
  request: FrontRequest,
  judgement: Judgement | undefined,
  { code }: Refusal,
  { status, body }: RefusalResponse,
  at: number,
  now: number,
): Observation {
  const bytes = request.method === 'HEAD' ? 0 : body.length
  const result = { status, outcome: code, bytes, charged: 0, upstreamMs: null }
  return observationOf(request, judgement, result, at, Math.max(0, now - at))
}

/** Without a log what was handed over is taken for delivered. */
function deliverySeen(
  request: FrontRequest,
  judgement: Judgement,
  { account: { charged }, extent: { start, end }, upstreamMs }: Prepared,
  at: number,
  now: number,
): Observation {
  const bytes = request.method === 'HEAD' ? 0 : end - start
  const result = { status: 200, outcome: 'delivered', bytes, charged, upstreamMs } as const
  return observationOf(request, judgement, result, at, Math.max(0, now - at))
}
