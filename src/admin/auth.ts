import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isPlausibleKey } from '../policy/secret.ts'
import type { ApiKey } from '../store/contract.ts'
import { isWorking } from '../store/stored-key.ts'
import type { Answer } from './answer.ts'
import { invalidKey, notAuthenticated, throttled } from './errors.ts'
import type { AdminOptions } from './options.ts'
import { createPrincipal, type Principal } from './principal.ts'
import type { Throttle } from './throttle.ts'

/** Somebody who is known. */
interface Known {
  readonly ok: true
  readonly principal: Principal
  /** Where the request came from. */
  readonly address: string
  /** Looks again: whoever was let in may have been shut out since. */
  readonly again: () => Promise<Authentication>
}

/** Who asks, or why nobody is told. */
export type Authentication = Known | { readonly ok: false; readonly answer: Answer }

/** @throws StoreError when the store can't tell. */
export type Authenticate = (request: IncomingMessage) => Promise<Authentication>

type Options = Pick<AdminOptions, 'store' | 'keeper' | 'clock' | 'clientAddress' | 'noteKeyUse'>

/** Looks up the key that a request presents. Never remembers one: a key that is revoked anywhere works no longer. */
export function createAuthenticate(options: Options, throttle: Throttle): Authenticate {
  const { store, keeper, clock, clientAddress, noteKeyUse } = options
  const find = async (presented: string, digest: string): Promise<ApiKey | undefined> => {
    // An empty key is nobody's, whatever the store holds. A mistyped one needs no look-up.
    const key = isPlausibleKey(presented) ? await store.keys.find(digest) : undefined
    return key !== undefined && isWorking(key, clock()) ? key : undefined
  }
  return async (request) => {
    const presented = presentedKey(request.headers)
    if (presented === undefined) return refused(notAuthenticated())
    // Of the connection: what a header says can be another one with each guess.
    const peer = request.socket.remoteAddress ?? ''
    const digest = keeper.digest(presented)
    const before = throttle.secondsToWait(peer, digest)
    if (before > 0) return refused(throttled(before))
    const key = await find(presented, digest)
    // Asked again: of many guesses at once, no more than the permitted failures may be told apart from a success.
    const after = throttle.secondsToWait(peer, digest)
    if (after > 0) return refused(throttled(after))
    if (key === undefined) {
      throttle.noteFailure(peer)
      return refused(invalidKey())
    }
    throttle.noteSuccess(peer, digest)
    const address = clientAddress(peer, request.headers['x-forwarded-for']?.toString())
    noteKeyUse({ digest, at: clock(), address })
    const known = (found: ApiKey): Known => ({
      ok: true,
      principal: createPrincipal(found),
      address,
      again: async () => {
        const still = await find(presented, digest)
        return still === undefined ? refused(invalidKey()) : known(still)
      },
    })
    return known(key)
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
