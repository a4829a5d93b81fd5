import { errors, Pool, type Dispatcher } from 'undici'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Deliverer, DeliveryOrder, Opened } from './contract.ts'
import { encodePath } from './encode-path.ts'
import { effectiveHeaders } from './request-headers.ts'
import { judge } from './storage-answer.ts'
import { createUpstreamBody, UNWANTED, type UpstreamBody } from './upstream-body.ts'

export interface HttpOptions {
  /** Base URL of the storage, ends in a slash. */
  readonly url: string
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  /** Longest silence inside a body; time in which the client holds it back does not count. */
  readonly idleTimeoutMs: number
  /** Told why the storage failed, also in the middle of a body; the client is not. */
  readonly onFailure: (error: Error) => void
}

/** The time for a connection, which includes waiting for a free one, and for headers is over. */
const LATE = new Error('the storage did not begin to answer in time')

/**
 * Delivers from an HTTP(S) storage. Only bodyless GET and HEAD requests are made, to `url` + the canonical path, with none of the
 * client's credentials, cookies or connection headers (httpoxy, request smuggling: nothing of the client's framing survives). A
 * redirect is passed on only when it stays inside the storage, as a URL of the gate. A connection that was closed under us before
 * an answer is tried once more: GET and HEAD are safe. `open` takes at most the connect and the headers timeout together, however
 * busy the storage is.
 */
export function createHttpDeliverer(options: HttpOptions): Deliverer {
  const base = new URL(options.url)
  const pool = new Pool(base.origin, {
    // One request per connection: HTTP/2 would put many customers' bodies behind one flow control.
    allowH2: false,
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.idleTimeoutMs,
  })
  let closing: Promise<void> | undefined
  const patienceMs = options.connectTimeoutMs + options.headersTimeoutMs
  return {
    open: async (order) => {
      const asked = { ...order, headers: effectiveHeaders(order) }
      let question = ask(pool, base, asked, options.onFailure)
      let givenUp = false
      const giveUp = (error: Error): void => {
        givenUp = true
        question.giveUp(error)
      }
      const timer = setTimeout(giveUp, patienceMs, LATE)
      order.onGone(() => giveUp(UNWANTED))
      let answer = await question.answer
      if (answer instanceof Error && isStale(answer) && !givenUp) {
        question = ask(pool, base, asked, options.onFailure)
        answer = await question.answer
      }
      clearTimeout(timer)
      return answer instanceof Error ? failed(answer, options.onFailure) : answer
    },
    close: () => (closing ??= pool.close()),
  }
}

/** One request to the storage. */
interface Question {
  /** The storage's answer at its headers; an Error when there is none, or none that can be used. */
  readonly answer: Promise<Opened | Refusal | Error>
  /** Stops waiting, and the body if it has begun. */
  readonly giveUp: (reason: Error) => void
}

function ask(pool: Pool, base: URL, order: DeliveryOrder, onFailure: (error: Error) => void): Question {
  const query = order.query === '' ? '' : `?${order.query}`
  const path = base.pathname + encodePath(order.artifact.path) + query
  const { promise, resolve } = Promise.withResolvers<Opened | Refusal | Error>()
  let controller: Dispatcher.DispatchController | undefined
  let upstream: UpstreamBody | undefined
  let givenUp: Error | undefined
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (started) => {
      controller = started
      // It had to wait for a free connection, and was given up meanwhile.
      if (givenUp !== undefined) started.abort(givenUp)
    },
    onResponseStart: (started, status, headers) => {
      if (status < 200) return
      upstream = createUpstreamBody(started)
      resolve(open(order, judge(order, base, status, headers), upstream))
    },
    onResponseData: (_, chunk) => upstream?.onData(chunk),
    onResponseEnd: () => upstream?.onEnd(),
    onResponseError: (_, error) => {
      resolve(error)
      if (upstream !== undefined && error !== UNWANTED) onFailure(error)
      upstream?.onError()
    },
  }
  pool.dispatch({ path, method: order.method, headers: order.headers }, handler)
  const giveUp = (reason: Error): void => {
    givenUp = reason
    resolve(reason)
    if (upstream === undefined) controller?.abort(reason)
    else upstream.onGone()
  }
  return { answer: promise, giveUp }
}

/** Joins the body to what is passed on, or lets go of it. */
function open(
  { method }: DeliveryOrder,
  judged: ReturnType<typeof judge>,
  { body }: UpstreamBody,
): Opened | Refusal | Error {
  const isWanted = method === 'GET' && 'status' in judged && (judged.status === 200 || judged.status === 206)
  if (isWanted) return { ...judged, body }
  body.discard()
  return 'status' in judged ? { ...judged, body: null } : judged
}

function isStale(error: Error): boolean {
  return error instanceof errors.SocketError || ('code' in error && error.code === 'ECONNRESET')
}

function failed(error: Error, onFailure: (error: Error) => void): Refusal {
  if (error !== UNWANTED) onFailure(error)
  const isLate =
    error === LATE ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  return refuse(isLate ? 'upstream_timeout' : 'upstream_failed')
}
