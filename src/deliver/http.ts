import { errors, Pool } from 'undici'
import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Deliverer, DeliveryOrder, Extent, Opened } from './contract.ts'
import { encodePath } from './encode-path.ts'
import { rangeExtent, wholeExtent } from './extent.ts'
import { gateLocation } from './location.ts'
import { passHeaders } from './response-headers.ts'
import { createUpstreamBody, type UpstreamBody } from './upstream-body.ts'

export interface HttpOptions {
  /** Base URL of the storage, ends in a slash. */
  readonly url: string
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  /** Longest silence inside a body; time in which the client holds it back does not count. */
  readonly idleTimeoutMs: number
  /** Told why the storage failed; the client is not. */
  readonly onFailure: (error: Error) => void
}

type Headers = Record<string, string | undefined>

/**
 * Delivers from an HTTP(S) storage. Only bodyless GET and HEAD requests are made, to `url` + the canonical path, with none of the
 * client's credentials, cookies or connection headers (httpoxy, request smuggling: nothing of the client's framing survives). A
 * redirect is passed on only when it stays inside the storage, as a URL of the gate. A connection that was closed under us before
 * an answer is tried once more: GET and HEAD are safe.
 */
export function createHttpDeliverer(options: HttpOptions): Deliverer {
  const base = new URL(options.url)
  const pool = new Pool(base.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.idleTimeoutMs,
  })
  return {
    open: async (order) => {
      const first = await request(pool, base, order)
      const answer = first instanceof Error && isStale(first) ? await request(pool, base, order) : first
      return answer instanceof Error ? failed(answer, options.onFailure) : answer
    },
    close: () => pool.close(),
  }
}

function request(pool: Pool, base: URL, order: DeliveryOrder): Promise<Opened | Refusal | Error> {
  const query = order.query === '' ? '' : `?${order.query}`
  const path = base.pathname + encodePath(order.artifact.path) + query
  const { promise, resolve } = Promise.withResolvers<Opened | Refusal | Error>()
  let upstream: UpstreamBody | undefined
  pool.dispatch(
    { path, method: order.method, headers: order.headers },
    {
      onRequestStart: (controller) => order.onGone(() => controller.abort(new Error('the client is gone'))),
      onResponseStart: (controller, status, headers) => {
        if (status < 200) return
        upstream = createUpstreamBody(controller)
        resolve(judge(order, base, status, headers as Headers, upstream))
      },
      onResponseData: (_, chunk) => upstream?.onData(chunk),
      onResponseEnd: () => upstream?.onEnd(),
      onResponseError: (_, error) => {
        resolve(error)
        upstream?.onError()
      },
    },
  )
  return promise
}

/** What the storage's status means to the client. 403 is what S3 and nginx say for "not there". */
function judge(
  order: DeliveryOrder,
  base: URL,
  status: number,
  headers: Headers,
  upstream: UpstreamBody,
): Opened | Refusal | Error {
  const opened = (extent: Extent, extra: Headers = {}): Opened => {
    const bodyless = order.method === 'HEAD' || status === 304
    return {
      ok: true,
      status,
      headers: passHeaders({ ...headers, ...extra }),
      extent,
      body: bodyless ? null : upstream.body,
    }
  }
  const without = (answer: Refusal | Error): Refusal | Error => {
    upstream.body.discard()
    return answer
  }
  switch (status) {
    case 200:
    case 304:
    case 412:
    case 416:
      return opened(wholeExtent(headers['content-length']))
    case 206: {
      const extent = rangeExtent(headers['content-range'])
      return extent
        ? opened(extent)
        : without(new Error('the storage sent a 206 without a usable Content-Range'))
    }
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: {
      const location = gateLocation(headers['location'], base, order)
      if (location === undefined) return without(new Error('the storage redirects to another place'))
      return opened(wholeExtent(headers['content-length']), { location })
    }
    case 403:
    case 404:
    case 410:
      return without(refuse('not_found'))
    default:
      return without(new Error(`the storage answered ${status}`))
  }
}

function isStale(error: Error): boolean {
  return error instanceof errors.SocketError || ('code' in error && error.code === 'ECONNRESET')
}

function failed(error: Error, onFailure: (error: Error) => void): Refusal {
  onFailure(error)
  const timedOut = error instanceof errors.HeadersTimeoutError || error instanceof errors.ConnectTimeoutError
  return refuse(timedOut ? 'upstream_timeout' : 'upstream_failed')
}
