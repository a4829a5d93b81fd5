import type { Dispatcher } from 'undici'
import type { Body } from './contract.ts'
import { createSink, type Sink } from './sink.ts'

/** Bytes that may wait in memory while the charge is being made. A body within them goes out in one write. */
const HELD_BYTES = 64 * 1024
/** An unwanted body up to this size is read to its end, so that the connection can be used again. */
const DRAINED_BYTES = 64 * 1024

/** A response body of undici that holds its first bytes until it is told where they go. */
export interface UpstreamBody {
  readonly body: Body
  readonly onData: (chunk: Buffer) => void
  readonly onEnd: () => void
  readonly onError: () => void
}

/** Makes the body of the response that `controller` controls. */
export function createUpstreamBody(controller: Dispatcher.DispatchController): UpstreamBody {
  const held: Buffer[] = []
  let heldBytes = 0
  let state: 'flowing' | 'ended' | 'failed' = 'flowing'
  let sink: Sink | undefined
  let discarded = false
  const abort = (): void => {
    if (state === 'flowing') controller.abort(new Error('the client is gone'))
  }

  const onData = (chunk: Buffer): void => {
    if (sink !== undefined) return sink.write(chunk)
    heldBytes += chunk.length
    if (discarded) return heldBytes > DRAINED_BYTES ? abort() : undefined
    held.push(chunk)
    if (heldBytes >= HELD_BYTES) controller.pause()
  }
  const onEnd = (): void => {
    state = 'ended'
    sink?.end()
  }
  const onError = (): void => {
    state = 'failed'
    sink?.fail()
  }
  const body: Body = {
    send: (response) => {
      sink = createSink(response, {
        pause: () => controller.pause(),
        resume: () => controller.resume(),
        abort,
      })
      if (state === 'ended') sink.end(held.length === 1 ? held[0] : Buffer.concat(held))
      else for (const chunk of held) sink.write(chunk)
      if (state === 'failed') sink.fail()
      if (state === 'flowing' && !response.writableNeedDrain) controller.resume()
      return sink.done
    },
    discard: () => {
      discarded = true
      held.length = 0
      controller.resume()
    },
  }
  return { body, onData, onEnd, onError }
}
