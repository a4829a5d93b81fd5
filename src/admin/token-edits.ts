import { StoreError, type Expectation, type StoredToken } from '../store/contract.ts'
import type { Answer } from './answer.ts'
import { changedSince, malformed } from './errors.ts'
import { readIfMatch } from './etag.ts'
import type { AdminOptions } from './options.ts'
import { onToken } from './places.ts'
import type { Call, Handler } from './routes.ts'

/** Undefined: whatever the token is. */
export type Expected = Expectation | undefined

const UNREADABLE = 'If-Match must be * or entity tags in double quotes, as ETag has them.'

/**
 * As `onToken`, for a change. What `If-Match` expects is judged here, and handed on to be judged once more by the store in the step that
 * writes: between the two, somebody else may come.
 */
export function onTokenEdit(
  options: AdminOptions,
  handle: (call: Call, token: StoredToken, isExpected: Expected) => Promise<Answer>,
): Handler {
  return onToken(options, async (call, token) => {
    const isExpected = call.ifMatch === undefined ? undefined : readIfMatch(call.ifMatch)
    if (call.ifMatch !== undefined && isExpected === undefined) return malformed(UNREADABLE)
    if (isExpected?.(token) === false) return changedSince()
    try {
      return await handle(call, token, isExpected)
    } catch (error) {
      if (error instanceof StoreError && error.code === 'unexpected') return changedSince()
      throw error
    }
  })
}
