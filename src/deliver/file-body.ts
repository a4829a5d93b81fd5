import type { FileHandle } from 'node:fs/promises'
import type { Body, DeliveryOrder, Extent } from './contract.ts'
import { createSink } from './sink.ts'

/** Bytes read at once. */
const READ_BYTES = 256 * 1024

/**
 * A part of an open file, which it closes. Sends `extent` exactly: what is added to the file meanwhile does not belong to it, and
 * when the file was cut short the client's connection is cut too.
 */
export function createFileBody(
  handle: FileHandle,
  { start, end }: Extent,
  onGone: DeliveryOrder['onGone'],
  onFailure: (error: Error) => void,
): Body {
  const send: Body['send'] = (response, mostBytes) => {
    const stream = handle.createReadStream({ start, end: end - 1, highWaterMark: READ_BYTES })
    const source = {
      pause: () => stream.pause(),
      resume: () => stream.resume(),
      abort: () => stream.destroy(),
    }
    const sink = createSink(response, source, mostBytes)
    const fail = (error: Error): void => {
      onFailure(error)
      sink.fail()
    }
    let left = end - start
    stream.on('data', (chunk) => {
      left -= chunk.length
      sink.write(chunk as Buffer)
    })
    stream.once('end', () =>
      left === 0 ? sink.end() : fail(new Error('the file was cut short while it was sent')),
    )
    stream.once('error', fail)
    onGone(sink.leave)
    return sink.done
  }
  return { send, discard: () => void handle.close().catch(ignore) }
}

/** An empty file has no byte that a stream could be asked for. */
export function createEmptyBody(handle: FileHandle, onGone: DeliveryOrder['onGone']): Body {
  const close = (): void => void handle.close().catch(ignore)
  const send: Body['send'] = (response) => {
    close()
    const sink = createSink(response, { pause: ignore, resume: ignore, abort: ignore })
    sink.end()
    onGone(sink.leave)
    return sink.done
  }
  return { send, discard: close }
}

function ignore(): void {}
