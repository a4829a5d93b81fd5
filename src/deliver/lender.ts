import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'

/**
 * Writes chunks whose memory is only lent into a client's response, straight into its connection where that comes to the same. The
 * function gives true when it is done with a chunk, which the kernel took whole, or which was copied and may be followed by the next one;
 * false when it is not: then `onDone` is called later, or the response emits 'drain'. `onDone` may be called more often.
 *
 * A response of known length that has its connection for itself does nothing with a chunk but hand it on, one turn of the event loop
 * later, because it may have to join pieces. Straight, the kernel takes it at once, and its memory can be read into again.
 */
export function createLender(response: Writable, onDone: () => void): (chunk: Buffer) => boolean {
  const socket = straightWay(response)
  let isFirst = true
  const onWritten = (): void => {
    if (socket?.writableLength === 0) onDone()
  }
  return (chunk) => {
    if (socket === undefined || !socket.writable) return response.write(Buffer.from(chunk))
    if (isFirst) {
      // The head goes out with the first chunk.
      socket.cork()
      if (response instanceof ServerResponse) response.flushHeaders()
    }
    socket.write(chunk, onWritten)
    if (isFirst) socket.uncork()
    isFirst = false
    return socket.writableLength === 0
  }
}

/**
 * The connection of a response that passes on what it is given, unframed, and has nothing waiting that would have to go before it. One
 * that waits behind another response of its connection has none yet.
 */
function straightWay(response: Writable): Socket | undefined {
  if (!(response instanceof ServerResponse) || !response.headersSent || response.chunkedEncoding)
    return undefined
  const { socket, statusCode, req } = response
  if (socket === null || response.writableLength !== socket.writableLength) return undefined
  const hasBody = req.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304
  return hasBody ? socket : undefined
}
