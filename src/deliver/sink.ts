import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Sent } from './contract.ts'
import { createLender } from './lender.ts'

/** Where the bytes come from, as far as the sink must hold them back. */
export interface Source {
  readonly pause: () => void
  readonly resume: () => void
  /** Stops the source for good; harmless when it has ended. */
  readonly abort: () => void
}

/** Writes one body into a client's response. */
export interface Sink {
  /** `lent`: the source needs the chunk's memory back when this has returned, or if this paused it, when it is resumed. */
  readonly write: (chunk: Buffer, lent?: 'lent') => void
  /** The body is whole. `last` goes out together with the end: one write for a small body. */
  readonly end: (last?: Buffer) => void
  /** The source broke off. The connection is cut, so that no client takes the part for the whole. */
  readonly fail: () => void
  /** The client is gone, as its connection says: a response that waits for its turn does not tell by itself. */
  readonly leave: () => void
  /** Resolves when the response has finished, its connection is gone or the source broke off; never rejects. */
  readonly done: Promise<Sent>
}

/**
 * Joins `source` to `response` with back-pressure in one direction and cancellation in the other. `mostBytes`: where a body is cut that
 * is longer, see `Body.send`.
 */
export function createSink(response: Writable, source: Source, mostBytes: number = Infinity): Sink {
  const { promise, resolve } = Promise.withResolvers<Sent>()
  let bytes = 0
  let concluded = false
  let lend: ((chunk: Buffer) => boolean) | undefined
  // Concluded first: a source that reports an error because it is stopped has not failed.
  const conclude = (complete: boolean, upstreamFailed: boolean): void => {
    if (concluded) return
    concluded = true
    resolve({ bytes, complete, upstreamFailed })
    if (!complete) source.abort()
  }
  const cut = (upstreamFailed: boolean): void => {
    // What was cut behind its last byte is still on its way.
    if (concluded) return
    conclude(false, upstreamFailed)
    breakOff(response)
  }
  const cutBehind = (part: Buffer): void => {
    concluded = true
    bytes += part.length
    resolve({ bytes, complete: false, upstreamFailed: false, reachedLimit: true })
    source.abort()
    response.write(part, () => breakOff(response))
  }
  if (response.destroyed) conclude(false, false)
  response.on('drain', source.resume)
  response.once('finish', () => {
    conclude(true, false)
    // Nobody emits 'drain' once the end was written: what is lent would never be given back.
    source.resume()
  })
  response.once('close', () => conclude(false, false))
  // An error of the connection is followed by 'close', which says all that matters here.
  response.on('error', () => undefined)
  return {
    write: (chunk, lent) => {
      if (concluded || response.destroyed) return
      if (chunk.length > mostBytes - bytes) return cutBehind(chunk.subarray(0, mostBytes - bytes))
      bytes += chunk.length
      if (lent !== undefined) lend ??= createLender(response, source.resume)
      if (!(lend === undefined ? write(response, chunk) : lend(chunk))) source.pause()
    },
    end: (last) => {
      if (concluded || response.destroyed) return
      if (last !== undefined && last.length > mostBytes - bytes) {
        return cutBehind(last.subarray(0, mostBytes - bytes))
      }
      bytes += last?.length ?? 0
      endWith(response, last)
    },
    fail: () => cut(true),
    leave: () => cut(false),
    done: promise,
  }
}

/** Up to here copying a body into the text of its head is cheaper than handing two pieces to the kernel. */
const JOINED_BYTES = 8 * 1024

/** Node joins a head and a text into one piece; a buffer goes beside it. Latin-1 gives back every byte as it was. */
function write(response: Writable, chunk: Buffer): boolean {
  return joins(response, chunk) ? response.write(chunk.toString('latin1'), 'latin1') : response.write(chunk)
}

/** Ends a body with its last bytes, which go out together with the head if nothing went before. */
export function endWith(response: Writable, last: Buffer | undefined): void {
  if (last !== undefined && joins(response, last)) response.end(last.toString('latin1'), 'latin1')
  else response.end(last)
}

function joins(response: Writable, { length }: Buffer): boolean {
  return length <= JOINED_BYTES && response instanceof ServerResponse
}

/**
 * To a client of HTTP/1.0, nginx as it is set up by default among them, an orderly end of the connection is the end of a body whose length
 * nobody told (RFC 9112 §6.3): it has to be a reset. So has the end of a stream of HTTP/2 to be an error.
 */
function breakOff(response: Writable): void {
  // Without an error, a stream of HTTP/2 would be reset as one that has come to its end.
  if ('rstCode' in response) return void response.destroy(new Error('The body was broken off'))
  const isOld = response instanceof ServerResponse && response.req.httpVersion === '1.0'
  if (isOld && response.socket !== null) reset(response.socket)
  response.destroy()
}

/** Only TCP has resets. TLS tells an end that was not meant from one that was by itself. */
function reset(socket: Socket): void {
  if (socket.localPort === undefined || socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}
