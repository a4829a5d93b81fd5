import type { SecretKeeper } from '../../store/secret-keeper.ts'
import { clearCookie, readCookies, writeCookie } from './cookie.ts'

/** Who signed in. A kind of its own for each way to sign in: so far there are keys only. */
interface Subject {
  readonly kind: 'key'
  /** HMAC of the key. */
  readonly digest: string
}

/** A session of somebody who signed in with a browser. Times are epoch ms. */
interface Session {
  readonly id: string
  readonly subject: Subject
  readonly startedAt: number
  /** Last use that is on record in the cookie. */
  readonly seenAt: number
  /** The browser reaches us by HTTPS, so that the cookie must never travel otherwise. */
  readonly isSecure: boolean
}

/** How long sessions last, in ms. */
interface SessionLimits {
  /** Without a request. */
  readonly idleMs: number
  /** In any case. */
  readonly maxMs: number
}

/**
 * Sessions without a memory: everything stands sealed (AES-256-GCM) in a cookie, so that each host that has the server key knows it, also
 * after a restart. What a session may do is looked up with each request, by its key; see auth.ts. Results of `open`, `renew` and `close` are
 * values of Set-Cookie.
 */
export interface Sessions {
  readonly open: (subject: Subject, origin: string | undefined) => string
  /** The session of a request's `Cookie`; `ended`: there is a cookie, and it is worth nothing any more. */
  readonly read: (cookie: string | undefined) => Session | 'ended' | undefined
  /** undefined: the cookie is still fresh. */
  readonly renew: (session: Session) => string | undefined
  /** Ends the session: at once for this process, and for the browser. */
  readonly close: (session: Session) => string
}

export interface SessionsOptions {
  /** Of sessions alone, so that no other sealed text can pass for one. */
  readonly keeper: Pick<SecretKeeper, 'seal' | 'unseal'>
  readonly limits: () => SessionLimits
  readonly clock: () => number
  readonly newId: () => string
}

/** The cookie is written anew when so much of the idle time has gone. */
const RENEWED_AFTER = 0.05
/** Sessions that were closed and whose cookie somebody may have copied. Beyond, the oldest is forgotten. */
const MOST_CLOSED = 10_000

export function createSessions({ keeper, limits, clock, newId }: SessionsOptions): Sessions {
  const closed = new Set<string>()
  const cookieOf = (session: Session): string =>
    writeCookie(keeper.seal(JSON.stringify(session)), {
      isSecure: session.isSecure,
      maxAgeMs: limits().idleMs,
    })

  return {
    open: (subject, origin) => {
      const now = clock()
      const isSecure = origin?.startsWith('https://') === true
      return cookieOf({ id: newId(), subject, startedAt: now, seenAt: now, isSecure })
    },
    read: (cookie) => {
      const sealed = readCookies(cookie)
      if (sealed.length === 0) return undefined
      const isLive = (session: Session): boolean =>
        isWithin(session, limits(), clock()) && !closed.has(session.id)
      return sealed.flatMap((text) => parseSession(keeper, text)).find(isLive) ?? 'ended'
    },
    renew: (session) => {
      const now = clock()
      const isFresh = now - session.seenAt < limits().idleMs * RENEWED_AFTER
      return isFresh ? undefined : cookieOf({ ...session, seenAt: now })
    },
    close: ({ id, isSecure }) => {
      closed.add(id)
      const [oldest] = closed
      if (closed.size > MOST_CLOSED && oldest !== undefined) closed.delete(oldest)
      return clearCookie(isSecure)
    },
  }
}

function isWithin({ startedAt, seenAt }: Session, { idleMs, maxMs }: SessionLimits, now: number): boolean {
  return now - seenAt < idleMs && now - startedAt < maxMs
}

/** Nothing for what was not sealed by us: nobody else can make such a text. */
function parseSession(keeper: SessionsOptions['keeper'], sealed: string): Session[] {
  try {
    return [JSON.parse(keeper.unseal(sealed)) as Session]
  } catch {
    return []
  }
}
