import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ApiKey } from '../store/contract.ts'
import type { Answer } from './answer.ts'
import { invalidKey, notAuthenticated, throttled } from './errors.ts'
import type { AdminOptions } from './options.ts'
import type { Throttle } from './throttle.ts'

/** Who asks, or why nobody is told. */
type Authentication =
  | { readonly ok: true; readonly key: ApiKey }
  | { readonly ok: false; readonly answer: Answer }

export type Authenticate = (request: IncomingMessage) => Promise<Authentication>

/** Looks up the key that a request presents. @throws StoreError when the store can't tell. */
export function createAuthenticate(
  { store, keeper }: Pick<AdminOptions, 'store' | 'keeper'>,
  throttle: Throttle,
): Authenticate {
  return async (request) => {
    const presented = presentedKey(request.headers)
    if (presented === undefined) return refused(notAuthenticated())
    const address = request.socket.remoteAddress ?? ''
    const digest = keeper.digest(presented)
    const before = throttle.secondsToWait(address, digest)
    if (before > 0) return refused(throttled(before))
    // An empty key is nobody's, whatever the store holds.
    const key = presented === '' ? undefined : await store.keys.find(digest)
    // Asked again: of many guesses at once, no more than the permitted failures may be told apart from a success.
    const after = throttle.secondsToWait(address, digest)
    if (after > 0) return refused(throttled(after))
    if (key === undefined) {
      throttle.noteFailure(address)
      return refused(invalidKey())
    }
    throttle.noteSuccess(address, digest)
    return { ok: true, key }
  }
}

function refused(answer: Answer): Authentication {
  return { ok: false, answer }
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
