import type { ResponseHead } from './parse-head.ts'

/** Holds an answer back, or ends it. Harmless when it is over. */
export interface Flow {
  /** The bytes of the last `onData` stay as they are, and no more come, until `resume`. */
  readonly pause: () => void
  readonly resume: () => void
  /** Nobody wants the answer any more. Its handler hears nothing more. */
  readonly abort: () => void
}

/** Hears of one answer: of its head, then its body, then the end; or at any time of an error, which is the last. */
export interface AnswerHandler {
  readonly onHead: (head: ResponseHead, flow: Flow) => void
  /** A piece of the body, lent: it is overwritten when this has returned, or if it paused the flow, when that is resumed. */
  readonly onData: (chunk: Buffer) => void
  readonly onEnd: () => void
  readonly onError: (error: Error) => void
}

/** A request on its way. */
export interface Exchange {
  readonly method: 'GET' | 'HEAD'
  /** The whole request. Latin-1. */
  readonly request: string
  readonly handler: AnswerHandler
  readonly flow: Flow
  /** On whose behalf it is asked; undefined: the gate's own. */
  readonly customer: string | undefined
  /** The tick from which on its head is late, wherever it waits. */
  readonly due: number
  /** undefined while it waits for one, and when it is over. */
  connection: Flow | undefined
  wasRepeated: boolean
}
