import type { Body } from './contract.ts'
import { createSink, type Sink } from './sink.ts'
import type { Flow } from './wire/exchange.ts'

/** Bytes that may be copied into memory while the charge is being made. A body within them goes out in one write. */
const HELD_BYTES = 64 * 1024
/** An unwanted body up to this size is read to its end, so that the connection can be used again. */
const DRAINED_BYTES = 64 * 1024

/** A response body of the storage that holds its first bytes until it is told where they go. */
export interface UpstreamBody {
  readonly body: Body
  /** `chunk` is lent, as AnswerHandler.onData says. */
  readonly onData: (chunk: Buffer) => void
  readonly onEnd: () => void
  readonly onError: () => void
  /** The client is gone. */
  readonly onGone: () => void
}

/**
 * Makes the body that comes by `flow`. `length`: undefined when the storage does not tell. A long body is not copied while it is held:
 * its first chunk stays where it was read.
 */
export function createUpstreamBody(flow: Flow, length: number | undefined): UpstreamBody {
  const isLong = length !== undefined && length > HELD_BYTES
  let held: Buffer[] = []
  let heldBytes = 0
  let state: 'flowing' | 'ended' | 'failed' = 'flowing'
  let sink: Sink | undefined
  let discarded = false
  let gone = false
  let isHeldBack = false

  const onData = (chunk: Buffer): void => {
    if (sink !== undefined) return sink.write(chunk, 'lent')
    heldBytes += chunk.length
    if (discarded) return heldBytes > DRAINED_BYTES ? flow.abort() : undefined
    held.push(isLong ? chunk : Buffer.from(chunk))
    if (isLong || heldBytes >= HELD_BYTES) flow.pause()
  }
  const onEnd = (): void => {
    state = 'ended'
    if (sink !== undefined) sink.end()
    else if (!isLong) flow.resume()
  }
  const onError = (): void => {
    state = 'failed'
    sink?.fail()
  }
  const onGone = (): void => {
    gone = true
    sink?.leave()
    flow.abort()
  }
  const source = {
    pause: () => {
      isHeldBack = true
      flow.pause()
    },
    resume: () => {
      isHeldBack = false
      flow.resume()
    },
    abort: flow.abort,
  }
  const whole = (): Buffer | undefined => {
    if (state !== 'ended' || isLong) return undefined
    if (held.length !== 1) held = [Buffer.concat(held)]
    return held[0]
  }
  const send: Body['send'] = (response, mostBytes) => {
    const target = createSink(response, source, mostBytes)
    sink = target
    if (gone) target.leave()
    else if (state === 'failed') target.fail()
    else if (state === 'ended' && !isLong) target.end(whole())
    else {
      for (const chunk of held) target.write(chunk, isLong ? 'lent' : undefined)
      if (state === 'ended') target.end()
      if (!isHeldBack) flow.resume()
    }
    held = []
    return target.done
  }
  const discard: Body['discard'] = () => {
    discarded = true
    held = []
    if (isLong && state !== 'ended') flow.abort()
    else flow.resume()
  }
  return { body: { send, discard, whole }, onData, onEnd, onError, onGone }
}
