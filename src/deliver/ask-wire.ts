import { refuse, type Refusal } from '../policy/refusal.ts'
import { markAway } from './away.ts'
import type { Body, DeliveryOrder, Unavailable } from './contract.ts'
import type { StorageHeaders } from './response-headers.ts'
import { createUpstreamBody, type UpstreamBody } from './upstream-body.ts'
import type { WireClient } from './wire/client.ts'
import { WireError } from './wire/errors.ts'
import type { AnswerHandler, Flow } from './wire/exchange.ts'
import type { WireRequest } from './wire/request.ts'

/** What a storage answered. Its body waits, and has to be sent or discarded. */
export interface WireAnswer {
  readonly status: number
  readonly headers: StorageHeaders
  readonly body: Body
}

export interface WireQuestion {
  readonly client: WireClient
  readonly request: WireRequest
  readonly onGone: DeliveryOrder['onGone']
  readonly customer: DeliveryOrder['customer']
  /** Told why the storage failed, also in the middle of a body. */
  readonly onFailure: (error: Error) => void
}

/**
 * Asks for one answer on behalf of a client; `answer` gets it at its headers, or a refusal, once. When the client goes before, that is
 * `upstream_failed`, and nobody is told. Of a client that is gone already, the storage does not hear.
 */
export function askWire(
  { client, request, onGone, customer, onFailure }: WireQuestion,
  answer: (answered: WireAnswer | Refusal) => void,
): void {
  let flow: Flow | undefined
  let upstream: UpstreamBody | undefined
  let isGone = false
  onGone(() => {
    isGone = true
    if (upstream !== undefined) return upstream.onGone()
    flow?.abort()
    answer(refuse('upstream_failed'))
  })
  if (isGone) return
  const handler: AnswerHandler = {
    onHead: ({ status, headers, framing }, flowing) => {
      upstream = createUpstreamBody(flowing, typeof framing === 'number' ? framing : undefined)
      answer({ status, headers, body: upstream.body })
    },
    onData: (chunk) => upstream?.onData(chunk),
    onEnd: () => upstream?.onEnd(),
    onError: (error) => {
      const refusal = failed(error, onFailure)
      if (upstream === undefined) answer(refusal)
      else upstream.onError()
    },
  }
  flow = client.ask(request, handler, customer)
}

/** The refusal for a storage that failed, of which the operator is told. */
export function failed(error: Error, onFailure: (error: Error) => void): Refusal | Unavailable {
  onFailure(error)
  const isLate = error instanceof WireError && error.code === 'late'
  return markAway(refuse(isLate ? 'upstream_timeout' : 'upstream_failed'), error)
}
