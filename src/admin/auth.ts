import type { IncomingMessage } from 'node:http'
import type { ApiKey } from '../store/contract.ts'
import { isWorking } from '../store/stored-key.ts'
import type { Answer } from './answer.ts'
import { isOfConsole, isReading } from './origin.ts'
import type { Sessions } from './console/sessions.ts'
import { crossSite, invalidKey, notAuthenticated, sessionEnded } from './errors.ts'
import { createKeyCheck, presentedKey } from './key-check.ts'
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
  const { store, keeper, clock } = options
  const find: FindKey = async (digest) => {
    const key = await store.keys.find(digest)
    return key !== undefined && isWorking(key, clock()) ? key : undefined
  }
  const check = createKeyCheck(keeper, throttle, find)
  const welcome = createWelcome(options, find)
  const bySession = createSessionCheck(sessions, find, welcome)
  return async (request) => {
    const presented = presentedKey(request.headers)
    if (presented === undefined) return bySession(request)
    // Of the connection: what a header says can be another one with each guess.
    const checked = await check(presented, peerOf(request))
    if (!checked.ok) return checked
    const { key, digest } = checked
    const open = (): string => sessions.open({ kind: 'key', digest }, request.headers.origin)
    return welcome(request, key, { digest, session: { open }, ended: invalidKey })
  }
}

/** The key with a digest, if there is one that works. */
type FindKey = (digest: string) => Promise<ApiKey | undefined>
type Welcome = (request: IncomingMessage, key: ApiKey, credential: Credential) => Known

function createWelcome({ clock, clientAddress, noteKeyUse }: Options, find: FindKey): Welcome {
  return (request, key, { digest, session, ended }) => {
    const address = clientAddress(peerOf(request), request.headers['x-forwarded-for']?.toString())
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
}

function createSessionCheck(sessions: Sessions, find: FindKey, welcome: Welcome): Authenticate {
  return async (request) => {
    const session = sessions.read(request.headers.cookie)
    if (session === undefined) return refused(notAuthenticated())
    if (session === 'ended') return refused(sessionEnded())
    // Only a script of the console can add a header: a form or a link of another page can't.
    if (!isReading(request) && !isOfConsole(request)) return refused(crossSite())
    const { digest } = session.subject
    const key = await find(digest)
    if (key === undefined) return refused(sessionEnded())
    const close = (): string => sessions.close(session)
    const renewal = sessions.renew(session)
    return welcome(request, key, { digest, session: { close, renewal }, ended: sessionEnded })
  }
}

function peerOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? ''
}

function refused(answer: Answer): Authentication {
  return { ok: false, answer }
}
