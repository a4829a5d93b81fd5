import type { Body, DeliveryOrder } from './contract.ts'
import { createSink } from './sink.ts'

/** Handed over at once. What a response was given counts as sent, so a client that may leave early is not given all. */
const SLICE_BYTES = 128 * 1024

/** A body that lies in memory, sent as fast as the client takes it. */
export function createBufferBody(content: Buffer, onGone: DeliveryOrder['onGone']): Body {
  const send: Body['send'] = (response, mostBytes) => {
    let state: 'held' | 'flowing' | 'over' = 'held'
    let at = 0
    const isFlowing = (): boolean => state === 'flowing'
    const pump = (): void => {
      if (state !== 'held') return
      state = 'flowing'
      while (isFlowing() && content.length - at > SLICE_BYTES) {
        at += SLICE_BYTES
        sink.write(content.subarray(at - SLICE_BYTES, at))
      }
      if (!isFlowing()) return
      state = 'over'
      sink.end(content.subarray(at))
    }
    const hold = (): void => {
      if (isFlowing()) state = 'held'
    }
    const source = { pause: hold, resume: pump, abort: () => (state = 'over') }
    const sink = createSink(response, source, mostBytes)
    onGone(sink.leave)
    pump()
    return sink.done
  }
  const whole = (): Buffer | undefined => (content.length <= SLICE_BYTES ? content : undefined)
  return { send, discard: () => undefined, whole }
}
