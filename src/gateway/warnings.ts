import { nextPeriodStart } from '../policy/reset.ts'
import { scheduleOf } from '../policy/schedule.ts'
import type { Token } from '../policy/types.ts'
import type { Account } from './accounts.ts'
import type { Judgement } from './authorize.ts'

/** Whom an answer warns. */
interface Warned {
  readonly token: Token
  /** Folded address. */
  readonly client: string
  /** The header for a sentence to the customer; undefined: the clients print none. */
  readonly notice: string | undefined
  readonly account: Account
  /** Epoch ms. */
  readonly now: number
}

/** Headers, as a flat list, that tell the customer before it is too late. Empty for a token without limits. */
export type Warn = (warned: Warned) => readonly string[]

/** What an answer says to the customer besides; undefined: it is for everybody. */
export function warningsFor(
  { warn, clock }: { readonly warn: Warn; readonly clock: () => number },
  { token, client, served }: Judgement,
  account: Account,
): readonly string[] | undefined {
  const notice = served?.rules.answers.notice
  return token && warn({ token, client, notice, account, now: clock() })
}

const DAY_MS = 86_400_000
const SOON_MS = 7 * DAY_MS
const NEARLY = 0.9
/** npm prints a notice with every answer that has one; an installation has hundreds. */
const NOTICE_EVERY_MS = 10 * 60_000
const MOST_REMEMBERED = 10_000

/**
 * Makes the writer of soft warnings: `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), what is left of downloads and bandwidth, when
 * they begin anew, when the token expires; and for npm, which prints it, a sentence when the end is near.
 */
export function createWarn(): Warn {
  const noticed = new Map<string, number>()
  const standing = new WeakMap<Token, readonly string[]>()
  const standingOf = (token: Token): readonly string[] => {
    const known = standing.get(token)
    if (known !== undefined) return known
    const headers = standingHeaders(token)
    standing.set(token, headers)
    return headers
  }
  const isNoticed = (key: string, now: number): boolean => {
    const last = noticed.get(key)
    if (last !== undefined && now - last < NOTICE_EVERY_MS && now >= last) return true
    if (noticed.size >= MOST_REMEMBERED) noticed.clear()
    noticed.set(key, now)
    return false
  }
  return (warned) => {
    const { token, client, notice: header, now } = warned
    const changing = leftHeaders(warned)
    const headers = changing.length === 0 ? standingOf(token) : [...standingOf(token), ...changing]
    const notice = header === undefined ? undefined : noticeOf(warned)
    if (header === undefined || notice === undefined || isNoticed(`${token.record.slugPerm} ${client}`, now))
      return headers
    return [...headers, header, notice]
  }
}

/** What does not change while the token does not. */
function standingHeaders({ limits, window }: Token): string[] {
  const headers: string[] = []
  if (limits.limitRate !== null) headers.push('ratelimit-policy', policyOf(limits.limitRate))
  if (window.until !== null) headers.push('x-postern-expires', instant(window.until))
  return headers
}

/** As many requests as fit at once, and the seconds after which as many fit again. */
function policyOf(perSecond: number): string {
  const burst = Math.max(1, Math.floor(perSecond))
  return `"requests";q=${burst};w=${Math.ceil(burst / perSecond)}`
}

function leftHeaders({ token, account, now }: Warned): string[] {
  const { counters } = account
  const { limitDownloads, limitBytes } = token.limits
  if (counters === undefined || (limitDownloads === null && limitBytes === null)) return []
  const headers: string[] = []
  if (limitDownloads !== null)
    headers.push('x-postern-downloads-left', left(limitDownloads, counters.downloads))
  if (limitBytes !== null) headers.push('x-postern-bandwidth-left', left(limitBytes, counters.bytes))
  const next = nextPeriodStart(scheduleOf(token.record), now)
  if (next !== null) headers.push('x-postern-resets', instant(next))
  return headers
}

function left(limit: number, used: number): string {
  return String(Math.max(0, limit - used))
}

/** The first that is near: the end of the window, of the downloads, of the bandwidth. */
function noticeOf({ token: { window, limits }, account: { counters }, now }: Warned): string | undefined {
  if (window.until !== null && window.until - now <= SOON_MS) {
    return `Your entitlement token expires at ${instant(window.until)}. Ask your vendor to renew it.`
  }
  if (counters === undefined) return undefined
  return (
    usedNotice('downloads', counters.downloads, limits.limitDownloads) ??
    usedNotice('bytes', counters.bytes, limits.limitBytes)
  )
}

function usedNotice(unit: string, used: number, limit: number | null): string | undefined {
  if (limit === null || used < limit * NEARLY) return undefined
  return `Your entitlement token has ${left(limit, used)} of ${limit} ${unit} left. Ask your vendor for more.`
}

/** Tokens have no instants outside the years that a date can show; a window that moved there shows the last one. */
function instant(at: number): string {
  return new Date(Math.min(at, Date.UTC(9999, 11, 31))).toISOString().replace('.000Z', 'Z')
}
