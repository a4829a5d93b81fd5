import type { Refusal } from '../policy/refusal.ts'
import type { Answer, Unavailable } from './contract.ts'
import { WireError, type WireFault } from './wire/errors.ts'

/** The storage says of itself that it is not at work (RFC 9110 §15.6), or can't even be asked. */
class NotAtWorkError extends Error {}

const NOT_AT_WORK: ReadonlySet<number> = new Set([502, 503, 504])

/** False for a status by which a storage says of itself that it is not at work. */
export function isAtWork(status: number): boolean {
  return !NOT_AT_WORK.has(status)
}

/** The failure that a status is. */
export function statusFailure(status: number, message: string): Error {
  return isAtWork(status) ? new Error(message) : new NotAtWorkError(message)
}

/** The failure of what is needed to ask a storage. */
export function askingFailure(cause: unknown): Error {
  return new NotAtWorkError(cause instanceof Error ? cause.message : String(cause), { cause })
}

/** Of failures before an answer's head. What is odd about an answer is no reason to ask elsewhere, and may be so there, too. */
const AWAY: ReadonlySet<WireFault> = new Set(['late', 'cut', 'unreachable'])

/** The refusal for a failure; it says so when the storage is away. */
export function markAway(refusal: Refusal, error: Error): Refusal | Unavailable {
  const isAway = error instanceof NotAtWorkError || (error instanceof WireError && AWAY.has(error.code))
  return isAway ? { ...refusal, isUnavailable: true } : refusal
}

export function isUnavailable(answer: Answer): answer is Unavailable {
  return 'isUnavailable' in answer
}
