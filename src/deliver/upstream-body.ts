import type { Dispatcher } from 'undici'
import type { Body } from './contract.ts'
import { createSink, type Sink } from './sink.ts'

/** Bytes that may wait in memory while the charge is being made. A body within them goes out in one write. */
const HELD_BYTES = 64 * 1024
/** An unwanted body up to this size is read to its end, so that the connection can be used again. */
const DRAINED_BYTES = 64 * 1024

/** Why a request is broken off by us, not by the storage. */
export const UNWANTED: Error = new Error('nobody wants this answer any more')

/** A response body of undici that holds its first bytes until it is told where they go. */
export interface UpstreamBody {
  readonly body: Body
  readonly onData: (chunk: Buffer) => void
  readonly onEnd: () => void
  readonly onError: () => void
  /** The client is gone. */
  readonly onGone: () => void
}

/** Makes the body of the response that `controller` controls. */
export function createUpstreamBody(controller: Dispatcher.DispatchController): UpstreamBody {
  let held: Buffer[] = []
  let heldBytes = 0
  let state: 'flowing' | 'ended' | 'failed' = 'flowing'
  let sink: Sink | undefined
  let discarded = false
  let gone = false
  const abort = (): void => {
    if (state === 'flowing') controller.abort(UNWANTED)
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
  const onGone = (): void => {
    gone = true
    sink?.leave()
    abort()
  }
  const send: Body['send'] = (response, mostBytes) => {
    const source = { pause: () => controller.pause(), resume: () => controller.resume(), abort }
    sink = createSink(response, source, mostBytes)
    const waiting = held
    held = []
    if (gone) sink.leave()
    else if (state === 'failed') sink.fail()
    else if (state === 'ended') sink.end(waiting.length === 1 ? waiting[0] : Buffer.concat(waiting))
    else {
      for (const chunk of waiting) sink.write(chunk)
      if (!response.writableNeedDrain) controller.resume()
    }
    return sink.done
  }
  const discard: Body['discard'] = () => {
    discarded = true
    held = []
    controller.resume()
  }
  return { body: { send, discard }, onData, onEnd, onError, onGone }
}
