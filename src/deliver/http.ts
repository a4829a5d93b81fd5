import { refuse, type Refusal } from '../policy/refusal.ts'
import type { Answer, Deliverer, DeliveryOrder } from './contract.ts'
import { encodePath } from './encode-path.ts'
import { effectiveOrder } from './request-headers.ts'
import { judge } from './storage-answer.ts'
import { createUpstreamBody, type UpstreamBody } from './upstream-body.ts'
import { createWireClient, type WireClient } from './wire/client.ts'
import { WireError } from './wire/errors.ts'
import type { Flow } from './wire/exchange.ts'
import type { WireOptions } from './wire/options.ts'

export interface HttpOptions extends Omit<WireOptions, 'url'> {
  /** Base URL of the storage, ends in a slash. */
  readonly url: string
  /** Told why the storage failed, also in the middle of a body; the client is not. */
  readonly onFailure: (error: Error) => void
}

/**
 * Delivers from an HTTP(S) storage. Only bodyless GET and HEAD requests are made, to `url` + the canonical path, with none of the
 * client's credentials, cookies or connection headers (httpoxy, request smuggling: nothing of the client's framing survives). A
 * redirect is passed on only when it stays inside the storage, as a URL of the gate. A connection that was closed under us before
 * an answer is tried once more: GET and HEAD are safe. `open` takes at most the connect and the headers timeout together, however
 * busy the storage is.
 */
export function createHttpDeliverer(options: HttpOptions): Deliverer {
  const url = new URL(options.url)
  const client = createWireClient({ ...options, url })
  const base = { url, path: url.pathname }
  return {
    open: (order) =>
      new Promise((resolve) => ask(client, base, effectiveOrder(order), options.onFailure, resolve)),
    close: client.close,
  }
}

interface Base {
  readonly url: URL
  /** Of `url`, which takes its time to tell. */
  readonly path: string
}

/** Asks the storage; `answer` gets what it says at its headers, once. */
function ask(
  client: WireClient,
  base: Base,
  order: DeliveryOrder,
  onFailure: (error: Error) => void,
  answer: (answer: Answer) => void,
): void {
  const { method, headers } = order
  let flow: Flow | undefined
  let upstream: UpstreamBody | undefined
  let isGone = false
  order.onGone(() => {
    isGone = true
    if (upstream !== undefined) return upstream.onGone()
    flow?.abort()
    answer(refuse('upstream_failed'))
  })
  // Of a client that is gone already, the storage does not hear.
  if (isGone) return
  flow = client.ask(
    { method, path: pathOf(base, order), headers },
    {
      onHead: (head, flowing) => {
        const { status, framing } = head
        upstream = createUpstreamBody(flowing, typeof framing === 'number' ? framing : undefined)
        answer(open(order, judge(order, base.url, status, head.headers), upstream, onFailure))
      },
      onData: (chunk) => upstream?.onData(chunk),
      onEnd: () => upstream?.onEnd(),
      onError: (error) => {
        const refusal = failed(error, onFailure)
        if (upstream === undefined) answer(refusal)
        else upstream.onError()
      },
    },
  )
}

/** A raw query is Latin-1, byte by byte; what is no ASCII must be encoded in a request (RFC 3986 §2.1). */
function encodeBytes(query: string): string {
  return query.replaceAll(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}

function pathOf({ path }: Base, { artifact, query }: DeliveryOrder): string {
  return path + encodePath(artifact.path) + (query === '' ? '' : `?${encodeBytes(query)}`)
}

/** Joins the body to what is passed on, or lets go of it. */
function open(
  { method }: DeliveryOrder,
  judged: ReturnType<typeof judge>,
  { body }: UpstreamBody,
  onFailure: (error: Error) => void,
): Answer {
  if (judged instanceof Error || !judged.ok) {
    body.discard()
    return judged instanceof Error ? failed(judged, onFailure) : judged
  }
  const { ok, status, headers, extent, personal } = judged
  const isWanted = method === 'GET' && (status === 200 || status === 206)
  if (!isWanted) body.discard()
  const opened = { ok, status, headers, extent, body: isWanted ? body : null }
  return personal === undefined ? opened : { ...opened, personal }
}

function failed(error: Error, onFailure: (error: Error) => void): Refusal {
  onFailure(error)
  return refuse(error instanceof WireError && error.code === 'late' ? 'upstream_timeout' : 'upstream_failed')
}
