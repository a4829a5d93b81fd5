import type { Duplex } from 'node:stream'
import {
  constants,
  createServer,
  type Http2Server,
  type Http2Session,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { refuse } from '../policy/refusal.ts'
import { judgeHead } from './client-limits.ts'
import { createHttp2Exchange } from './exchange-http2.ts'
import { timeAnswer, timeBody, timeSession, type SessionTiming } from './http2-patience.ts'
import type { ServerOptions } from './server.ts'

/** Streams that a client may have open at once. RFC 9113 §6.5.2 wants no fewer than 100. */
const MOST_STREAMS = 128
/**
 * Streams that a client may reset in a row, and in a second from then on, before its connection is ended: opening and resetting them costs
 * it nothing, and the gate a request to the storage each (CVE-2023-44487, "rapid reset").
 */
const MOST_RESETS = { burst: 200, aSecond: 20 }
/** Frames that answer nothing and change nothing: more of them in one go are no client's. */
const MOST_PINGS = 10
const MOST_SETTINGS = 32
const MOST_INVALID = 100
/** Memory of one session: what waits for its client, and its tables of headers. */
const MOST_MEGABYTES = 10
/** Of a head's lines, those that HTTP/1 has in its first line. */
const PSEUDO_HEADERS = 4
/** A request is whole within so many times what its head may take, as in HTTP/1: a body that never ends would keep its stream for ever. */
const WHOLE_TIMES = 2
const { NGHTTP2_FLAG_END_STREAM } = constants

/** The server of the data path for HTTP/2. It does not listen: connections are handed to it, TLS ended. */
export interface Http2Side {
  readonly server: Http2Server
  /** No session takes a further request; each ends when what is under way has ended. */
  readonly drain: () => void
}

/**
 * The same steps and limits as for HTTP/1, for each stream. An answer that is broken off takes its stream with it (RST_STREAM), never the
 * connection. What floods a session with frames ends it; nghttp2, which reads them, has limits of its own for those that need an
 * acknowledgement (CVE-2019-9512, CVE-2019-9515) and for heads without end (CVE-2024-28182).
 */
export function createHttp2Side({ limits, handle, onCut }: ServerOptions): Http2Side {
  const sessions = new Map<Http2Session, Session>()
  const server = createServer({
    maxSessionMemory: MOST_MEGABYTES,
    // Counted here once more, where a refusal can be told.
    maxHeaderListPairs: limits.maxHeaders * 2 + PSEUDO_HEADERS,
    maxOutstandingPings: MOST_PINGS,
    maxSettings: MOST_SETTINGS,
    maxSessionInvalidFrames: MOST_INVALID,
    maxSessionRejectedStreams: MOST_INVALID,
    streamResetBurst: MOST_RESETS.burst,
    streamResetRate: MOST_RESETS.aSecond,
    settings: {
      maxConcurrentStreams: MOST_STREAMS,
      maxHeaderListSize: limits.maxHeadBytes,
      enablePush: false,
    },
  })
  /** Whose session begins: Node keeps to itself which connection one is on. */
  let beginning: Duplex | undefined
  server.prependListener('connection', (socket: Duplex) => (beginning = socket))
  server.on('session', (session: ServerHttp2Session) => {
    const timing = timeSession(session, beginning, limits, onCut)
    // Asked now: of a session that has ended meanwhile Node throws.
    sessions.set(session, { ...timing, peer: session.socket.remoteAddress ?? '', requests: 0 })
    session.once('close', () => sessions.delete(session))
    // The streams of it hear of it themselves.
    session.on('error', () => undefined)
  })
  server.on('stream', (stream: ServerHttp2Stream, headers, flags, rawHeaders) => {
    // Followed by 'close', which says all that matters.
    stream.on('error', () => undefined)
    const { session } = stream
    const known = session && sessions.get(session)
    // It ended before anybody looked at what it asked for.
    if (known === undefined) return
    known.requests++
    known.began(stream)
    if (known.requests >= limits.maxRequests) known.end()
    timeAnswer(stream, limits.stallTimeoutMs, () => onCut('slow_reader'))
    if ((flags & NGHTTP2_FLAG_END_STREAM) === 0)
      timeBody(stream, limits.headersTimeoutMs * WHOLE_TIMES, () => onCut('slow_request'))
    const fields = withoutPseudo(rawHeaders)
    // What a session tells of this limit, its client need not have read yet.
    const flaw =
      sizeOf(rawHeaders) > limits.maxHeadBytes ? TOO_LONG : judgeHead(headers[':path'] ?? '', fields, limits)
    const { peer } = known
    void handle(createHttp2Exchange({ stream, headers, flags, rawHeaders, peer, flaw }))
  })
  return {
    server,
    drain: () => {
      for (const session of sessions.values()) session.end()
    },
  }
}

interface Session extends SessionTiming {
  readonly peer: string
  requests: number
}

const TOO_LONG = refuse('head_too_large', { why: 'its head is too long' })
/** Of each field, beside its name and value (RFC 9113 §6.5.2). */
const FIELD_BYTES = 32

function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, text) => sum + text.length + FIELD_BYTES / 2, 0)
}

/** Pseudo-headers come first (RFC 9113 §8.3). */
function withoutPseudo(rawHeaders: readonly string[]): readonly string[] {
  const first = rawHeaders.findIndex((name, at) => at % 2 === 0 && !name.startsWith(':'))
  return first === -1 ? [] : rawHeaders.slice(first)
}
