import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { pickHeaders } from '../deliver/header-list.ts'
import type { Refusal } from '../policy/refusal.ts'
import { createDeparture, type Exchange, type Reply, type RequestHead } from './exchange.ts'

/** What HTTP/2 says of a request beside the fields: it has a body unless this flag is set. */
const { NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR } = constants

/** What the server is told of a stream that begins. */
export interface BegunStream {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders
  readonly flags: number
  readonly rawHeaders: readonly string[]
  readonly peer: string
  readonly flaw: Refusal | undefined
}

/** An exchange of HTTP/2. Its stream ends alone: the others of the connection go on, however this one ends. */
export function createHttp2Exchange(begun: BegunStream): Exchange {
  const { stream } = begun
  const departure = createDeparture(stream.destroyed, () => stream.headersSent && stream.writableFinished)
  // Before Node ends what the client has reset, which would look as if it had come to its end.
  stream.once('aborted', departure.leave)
  stream.once('close', departure.leave)
  stream.once('finish', () => {
    if (!departure.isGone()) departure.finish()
  })
  const request = readHead(begun)
  if (request.hasBody) leaveBody(stream)
  const { onGone, isGone, over } = departure
  return { request, reply: replyOf(stream), onGone, isGone, wasNeverSent: () => false, over }
}

/** RFC 9113 §8.1: whoever does not want the rest of a body says so behind the answer, without calling it an error. */
function leaveBody(stream: ServerHttp2Stream): void {
  stream.once('finish', () => {
    if (!stream.destroyed) stream.close(NGHTTP2_NO_ERROR)
  })
}

function readHead({ stream, headers, flags, rawHeaders, peer, flaw }: BegunStream): RequestHead {
  const fields = asFields(rawHeaders, headers[':authority'])
  const host = headers[':authority'] ?? headers.host
  return {
    method: headers[':method'] ?? '',
    target: headers[':path'] ?? '',
    host,
    headers: { ...withoutPseudo(headers), host },
    rawHeaders: fields,
    peer,
    hasBody: (flags & NGHTTP2_FLAG_END_STREAM) === 0 && !stream.endAfterHeaders,
    body: () => stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>,
    flaw,
  }
}

/**
 * The fields of a request as HTTP/1 would have them: `:authority` is its Host. One that has both, and not the same, has two hosts (RFC
 * 9113 §8.3.1), and is refused for that like any other.
 */
function asFields(rawHeaders: readonly string[], authority: string | undefined): string[] {
  const fields = pickHeaders(
    rawHeaders,
    (name, value) => !name.startsWith(':') && !(name === 'host' && value === authority),
  )
  return authority === undefined ? fields : ['host', authority, ...fields]
}

/** What is asked for is no header: the secret may stand there, and nobody who looks for it among those that a client takes along may find it. */
function withoutPseudo(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')))
}

function replyOf(stream: ServerHttp2Stream): Reply {
  let status: number | undefined
  return {
    begin: (begun, _, headers) => {
      status = begun
      // Of a stream that is gone nobody hears any more.
      if (!stream.destroyed && !stream.closed) stream.respond({ ':status': begun, ...asObject(headers) })
    },
    begun: () => status ?? (stream.destroyed ? 200 : undefined),
    body: stream,
    cut: () => void stream.destroy(new Error('The answer was broken off')),
    ownsConnection: false,
  }
}

/** Fields that mean nothing in HTTP/2, where the connection is not the answer's (RFC 9113 §8.2.2). */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
/** Fields that come once (RFC 9110). Of a second one nobody knows which counts: the first is kept. */
const ONCE: ReadonlySet<string> = new Set([
  'age',
  'content-encoding',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
  'x-content-type-options',
])

function asObject(headers: readonly string[]): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = {}
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at]?.toLowerCase(), headers[at + 1]]
    if (OF_CONNECTIONS.has(name)) continue
    const before = fields[name]
    if (before === undefined) fields[name] = value
    else if (!ONCE.has(name)) fields[name] = [before, value].flat()
  }
  return fields
}
