import type { Unanswered } from './usage.ts'

/**
 * Why a store call failed. `conflict`: a uniqueness rule; `unexpected`: what was to be changed is not as the caller expects; `unavailable`:
 * the storage did not answer in time or at all; `expired`: a batch of traffic is too old to know whether it was counted; `too_broad`: a
 * search would go through too much; `not_ready`: what searches need is still being made. The messages of the last two are for whoever
 * searches.
 */
export type StoreErrorCode = 'conflict' | 'unexpected' | 'unavailable' | 'expired' | 'too_broad' | 'not_ready'

interface StoreErrorOptions extends ErrorOptions {
  /** The reservation may have been made all the same. The store gives it back by itself, unless its process dies before it can. */
  readonly unanswered?: Unanswered | undefined
}

/** The only error that a store rejects with. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  readonly unanswered: Unanswered | undefined
  constructor(code: StoreErrorCode, message: string, options: StoreErrorOptions = {}) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
    this.unanswered = options.unanswered
  }
}

/** True when the storage did not answer: it may do so later. */
export function isUnavailable(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === 'unavailable'
}
