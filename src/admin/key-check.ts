import type { IncomingHttpHeaders } from 'node:http'
import { isPlausibleKey } from '../policy/secret.ts'
import type { ApiKey } from '../store/contract.ts'
import type { SecretKeeper } from '../store/secret-keeper.ts'
import type { Answer } from './answer.ts'
import { invalidKey, throttled } from './errors.ts'
import type { Throttle } from './throttle.ts'

/** A key that works, or the answer to one that does not. */
type CheckedKey =
  | { readonly ok: true; readonly key: ApiKey; readonly digest: string }
  | { readonly ok: false; readonly answer: Answer }

/** Judges a key that was presented from an address. @throws StoreError when the store can't tell. */
export type KeyCheck = (presented: string, peer: string) => Promise<CheckedKey>

/** `find` gives the key with a digest, if there is one that works. */
export function createKeyCheck(
  keeper: Pick<SecretKeeper, 'digest'>,
  throttle: Throttle,
  find: (digest: string) => Promise<ApiKey | undefined>,
): KeyCheck {
  return async (presented, peer) => {
    const digest = keeper.digest(presented)
    const before = throttle.secondsToWait(peer, digest)
    if (before > 0) return { ok: false, answer: throttled(before) }
    // An empty key is nobody's, whatever the store holds. A mistyped one needs no look-up.
    const key = isPlausibleKey(presented) ? await find(digest) : undefined
    // Asked again: of many guesses at once, no more than the permitted failures may be told apart from a success.
    const after = throttle.secondsToWait(peer, digest)
    if (after > 0) return { ok: false, answer: throttled(after) }
    if (key === undefined) {
      throttle.noteFailure(peer)
      return { ok: false, answer: invalidKey() }
    }
    throttle.noteSuccess(peer, digest)
    return { ok: true, key, digest }
  }
}

/**
 * The key in a request's headers: undefined when it has none, empty when they can't be read. `X-Api-Key` wins, so that the
 * Authorization header that a client makes of a stray .netrc does no harm; never are two of them tried.
 */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-api-key']
  if (typeof own === 'string' && own !== '') return own
  const { authorization } = headers
  if (authorization === undefined || authorization === '') return undefined
  const space = authorization.indexOf(' ')
  const value = authorization.slice(space + 1).trim()
  switch (authorization.slice(0, Math.max(0, space)).toLowerCase()) {
    case 'token':
    case 'bearer':
      return value
    case 'basic':
      return passwordOf(value)
    default:
      return ''
  }
}

/** RFC 7617: what follows the first colon. */
function passwordOf(credentials: string): string {
  const pair = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? '' : pair.slice(colon + 1)
}
