import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isPlausibleKey } from '../policy/secret.ts'
import type { ApiKey } from '../store/contract.ts'
import { isWorking } from '../store/stored-key.ts'
import type { Answer } from './answer.ts'
import { isOfConsole, isReading } from './origin.ts'
import type { Sessions } from './console/sessions.ts'
import { crossSite, invalidKey, notAuthenticated, sessionEnded, throttled } from './errors.ts'
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
  readonly session: SessionControl
}

/** What whoever asks may do about their session. The results are values of Set-Cookie. */
export interface SessionControl {
  /** Opens one; undefined for whoever asks by a session. */
  readonly open?: () => string
  /** undefined: there is none. */
  readonly close?: () => string
  /** Keeps the one that was used from ending for want of use. */
  readonly renewal?: string | undefined
}

/** Who asks, or why nobody is told. */
export type Authentication = Known | { readonly ok: false; readonly answer: Answer }

/** @throws StoreError when the store can't tell. */
export type Authenticate = (request: IncomingMessage) => Promise<Authentication>

type Options = Pick<AdminOptions, 'store' | 'keeper' | 'clock' | 'clientAddress' | 'noteKeyUse'>

/** By what somebody is known: the key itself, or a session that it opened. */
interface Credential {
  readonly digest: string
  readonly session: SessionControl
  /** The answer when it works no longer. */
  readonly ended: () => Answer
}

/**
 * Looks up the key that a request presents, or that opened the session of its cookie. Never remembers one: a key that is revoked
 * anywhere works no longer, and with it end its sessions.
 */
export function createAuthenticate(
  options: Options,
  { throttle, sessions }: { readonly throttle: Throttle; readonly sessions: Sessions },
): Authenticate {
  const { store, clock, clientAddress, noteKeyUse } = options
  const find = async (digest: string): Promise<ApiKey | undefined> => {
    const key = await store.keys.find(digest)
    return key !== undefined && isWorking(key, clock()) ? key : undefined
  }
  const welcome = (request: IncomingMessage, key: ApiKey, { digest, session, ended }: Credential): Known => {
    const peer = request.socket.remoteAddress ?? ''
    const address = clientAddress(peer, request.headers['x-forwarded-for']?.toString())
    noteKeyUse({ digest, at: clock(), address })
    const known = (found: ApiKey): Known => ({
      ok: true,
      principal: createPrincipal(found),
      address,
      session,
      again: async () => {
        const still = await find(digest)
        return still === undefined ? refused(ended()) : known(still)
      },
    })
    return known(key)
  }
  const byKey = createKeyCheck(options, throttle, find)
  return async (request) => {
    const presented = presentedKey(request.headers)
    if (presented === undefined) return bySession(request)
    const checked = await byKey(presented, request.socket.remoteAddress ?? '')
    if ('ok' in checked) return checked
    const { key, digest } = checked
    const open = (): string => sessions.open({ kind: 'key', digest }, request.headers.origin)
    return welcome(request, key, { digest, session: { open }, ended: invalidKey })
  }

  async function bySession(request: IncomingMessage): Promise<Authentication> {
    const session = sessions.read(request.headers.cookie)
    if (session === undefined) return refused(notAuthenticated())
    if (session === 'ended') return refused(sessionEnded())
    // Only a script of the console can add a header: a form or a link of another page can't.
    if (!isReading(request) && !isOfConsole(request)) return refused(crossSite())
    const { digest } = session.subject
    const key = await find(digest)
    if (key === undefined) return refused(sessionEnded())
    const close = (): string => sessions.close(session)
    return welcome(request, key, {
      digest,
      session: { close, renewal: sessions.renew(session) },
      ended: sessionEnded,
    })
  }
}

function createKeyCheck(
  { keeper }: Options,
  throttle: Throttle,
  find: (digest: string) => Promise<ApiKey | undefined>,
) {
  // Of the connection: what a header says can be another one with each guess.
  return async (presented: string, peer: string) => {
    const digest = keeper.digest(presented)
    const before = throttle.secondsToWait(peer, digest)
    if (before > 0) return refused(throttled(before))
    // An empty key is nobody's, whatever the store holds. A mistyped one needs no look-up.
    const key = isPlausibleKey(presented) ? await find(digest) : undefined
    // Asked again: of many guesses at once, no more than the permitted failures may be told apart from a success.
    const after = throttle.secondsToWait(peer, digest)
    if (after > 0) return refused(throttled(after))
    if (key === undefined) {
      throttle.noteFailure(peer)
      return refused(invalidKey())
    }
    throttle.noteSuccess(peer, digest)
    return { key, digest }
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
