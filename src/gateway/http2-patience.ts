import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { ClientLimits } from './client-limits.ts'
import type { CutReason } from './server.ts'

/** How a session stands with the time that it has. */
export interface SessionTiming {
  /** A request of it has begun. */
  readonly began: (stream: ServerHttp2Stream) => void
  /** It takes no further request, and ends when what is under way has ended. */
  readonly end: () => void
}

type Times = Pick<ClientLimits, 'headersTimeoutMs' | 'keepAliveTimeoutMs' | 'stallTimeoutMs'>

/**
 * Ends a session on which nothing was asked in time, for the first time or again, as HTTP/1 does: frames that ask for nothing, such as pings,
 * are no reason to keep it. Node ends its own side of the connection then, and waits for the client to do the same; that has its time, too.
 */
export function timeSession(
  session: ServerHttp2Session,
  socket: Duplex | undefined,
  { headersTimeoutMs, keepAliveTimeoutMs, stallTimeoutMs }: Times,
  onCut: (reason: CutReason) => void,
): SessionTiming {
  let open = 0
  let isLetGo = false
  const end = (): void => {
    clearTimeout(isIdle)
    session.close()
    if (open > 0 || isLetGo || socket === undefined || socket.destroyed) return
    isLetGo = true
    letGo(socket, stallTimeoutMs)
  }
  let isIdle = setTimeout(() => {
    // What flooded it is gone by itself.
    if (!session.destroyed) onCut('slow_request')
    end()
  }, headersTimeoutMs)
  session.once('close', () => clearTimeout(isIdle))
  return {
    end,
    began: (stream) => {
      open++
      clearTimeout(isIdle)
      stream.once('close', () => {
        open--
        if (open > 0) return
        if (session.closed || session.destroyed) end()
        else isIdle = setTimeout(end, keepAliveTimeoutMs)
      })
    },
  }
}

/** What is on its way to the client may need its time, and what comes from it would reset the connection where it is closed at once. */
function letGo(socket: Duplex, withinMs: number): void {
  const timer = setTimeout(() => socket.destroy(), withinMs)
  socket.once('close', () => clearTimeout(timer))
}

/** Ends a stream whose body has not come to its end in time. One that nobody reads ends with its answer. */
export function timeBody(stream: ServerHttp2Stream, withinMs: number, onLate: () => void): void {
  const isLate = setTimeout(() => {
    onLate()
    stream.close(constants.NGHTTP2_CANCEL)
  }, withinMs)
  const isOver = (): void => clearTimeout(isLate)
  stream.once('end', isOver)
  stream.once('close', isOver)
}

/** Of an answer, what has to go out in each `stallMs`, where Node can't tell whether a byte of it did. */
const LEAST_BYTES = 16 * 1024

/**
 * Cuts a stream whose client takes nothing of its answer for `stallMs`. Node tells that only while nothing at all is sent on its connection: with
 * a ping now and then, or another stream that goes on, a client could hold it, and what it keeps at the storage, for ever. So it is cut as well
 * when what waits for the client stays the same for `stallMs` and as often again as `LEAST_BYTES` go into it.
 */
export function timeAnswer(stream: ServerHttp2Stream, stallMs: number, onStalled: () => void): void {
  const cut = (): void => {
    onStalled()
    stream.destroy(new Error('The client took nothing of its answer'))
  }
  stream.setTimeout(stallMs)
  stream.on('timeout', () => {
    // Time that the storage, or the gate, takes is not the client's.
    if (stream.writableLength === 0) stream.setTimeout(stallMs)
    else cut()
  })
  let waiting = 0
  let looks = 0
  stream.on('drain', () => (looks = 0))
  const look = setInterval(() => {
    const length = stream.writableLength
    looks = length > 0 && length === waiting ? looks + 1 : 0
    waiting = length
    if (looks > length / LEAST_BYTES) cut()
  }, stallMs)
  stream.once('close', () => clearInterval(look))
}
