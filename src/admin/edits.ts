import { StoreError, type ApiKey, type Expectation, type StoredToken } from '../store/contract.ts'
import type { Webhook } from '../store/contract/events.ts'
import type { Answer } from './answer.ts'
import { changedSince, malformed } from './errors.ts'
import { etagOfKey, etagOfToken, etagOfWebhook, readIfMatch, type EtagOf } from './etag.ts'
import type { Call } from './routes.ts'

/** Undefined: whatever it is. */
export type Expected<Stored> = Expectation<Stored> | undefined

type Handle<Stored> = (call: Call, stored: Stored) => Promise<Answer>
type HandleEdit<Stored> = (call: Call, stored: Stored, isExpected: Expected<Stored>) => Promise<Answer>
type Edit<Stored> = (handle: HandleEdit<Stored>) => Handle<Stored>

export const editToken: Edit<StoredToken> = createEdit('token', etagOfToken)
export const editKey: Edit<ApiKey> = createEdit('key', etagOfKey)
export const editWebhook: Edit<Webhook> = createEdit('webhook', etagOfWebhook)

const UNREADABLE = 'If-Match must be * or entity tags in double quotes, as ETag has them.'

/**
 * Makes a change depend on `If-Match`. What that expects is judged here, and handed on to be judged once more by the store in the step that
 * writes: between the two, somebody else may come.
 */
function createEdit<Stored>(what: string, etagOf: EtagOf<Stored>): Edit<Stored> {
  return (handle) => async (call, stored) => {
    const isExpected = call.ifMatch === undefined ? undefined : readIfMatch(call.ifMatch, etagOf)
    if (call.ifMatch !== undefined && isExpected === undefined) return malformed(UNREADABLE)
    if (isExpected?.(stored) === false) return changedSince(what)
    try {
      return await handle(call, stored, isExpected)
    } catch (error) {
      if (error instanceof StoreError && error.code === 'unexpected') return changedSince(what)
      throw error
    }
  }
}
