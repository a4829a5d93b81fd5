import { limitBytesOf } from '../bandwidth.ts'
import type { ResetPeriod, ResetSchedule } from '../reset.ts'
import { scheduleOf } from '../schedule.ts'
import type { TokenRecord, Window } from '../types.ts'
import { windowOf } from '../window.ts'
import type { TokenState } from './filter.ts'

/** What a search needs to know of a token, beside its metadata. Times are epoch ms. */
export interface TokenFacts {
  readonly slugPerm: string
  readonly owner: string
  readonly repo: string
  readonly name: string
  readonly isActive: boolean
  readonly createdAt: number
  readonly validFrom: number | null
  readonly validUntil: number | null
  /** As it stands: see policy/window.ts. */
  readonly window: Window
  readonly limitDownloads: number | null
  readonly limitBytes: number | null
  readonly schedule: ResetSchedule
}

/** What a search knows of the use of a token. It may be some seconds old. */
export interface UsageFacts {
  readonly downloads: number
  readonly clients: number
  readonly bytes: number
  readonly lastUsedAt: number | null
  readonly resetAt: number | null
}

export const NEVER_USED: UsageFacts = {
  downloads: 0,
  clients: 0,
  bytes: 0,
  lastUsedAt: null,
  resetAt: null,
}

export function factsOf(token: TokenRecord): TokenFacts {
  const { slugPerm, owner, repo, name, isActive, createdAt, validFrom, validUntil, limitDownloads } = token
  return {
    slugPerm,
    owner,
    repo,
    name,
    isActive,
    createdAt,
    validFrom,
    validUntil,
    window: windowOf(token),
    limitDownloads,
    limitBytes: limitBytesOf(token),
    schedule: scheduleOf(token),
  }
}

/** Facts as a short text: there are as many of them as tokens. */
export function encodeFacts(facts: TokenFacts): string {
  const { slugPerm, owner, repo, name, isActive, createdAt, validFrom, validUntil, window, schedule } = facts
  const { limitDownloads, limitBytes } = facts
  const times = [createdAt, validFrom, validUntil, window.from, window.until]
  const limits = [limitDownloads, limitBytes, schedule.period, schedule.anchor]
  return JSON.stringify([slugPerm, owner, repo, name, isActive ? 1 : 0, ...times, ...limits])
}

type Encoded = [
  string,
  string,
  string,
  string,
  0 | 1,
  number,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
  ResetPeriod,
  number,
]

/** Of what `encodeFacts` wrote. */
export function decodeFacts(text: string): TokenFacts {
  const encoded = JSON.parse(text) as Encoded
  const [slugPerm, owner, repo, name, isActive, createdAt, ...others] = encoded
  const [validFrom, validUntil, from, until, ...limits] = others
  const [limitDownloads, limitBytes, period, anchor] = limits
  return {
    slugPerm,
    owner,
    repo,
    name,
    isActive: isActive === 1,
    createdAt,
    validFrom,
    validUntil,
    window: { from, until },
    limitDownloads,
    limitBytes,
    schedule: { period, anchor },
  }
}

export function encodeUsage({ downloads, clients, bytes, lastUsedAt, resetAt }: UsageFacts): string {
  return JSON.stringify([downloads, clients, bytes, lastUsedAt, resetAt])
}

/** Of what `encodeUsage` wrote; nothing: it was never used. */
export function decodeUsage(text: string | null | undefined): UsageFacts {
  if (text === null || text === undefined) return NEVER_USED
  const [downloads, clients, bytes, lastUsedAt, resetAt] = JSON.parse(text) as [
    number,
    number,
    number,
    number | null,
    number | null,
  ]
  return { downloads, clients, bytes, lastUsedAt, resetAt }
}

/** How much of its downloads or bytes is used, of whichever there is less left: 1 and more is all. null: neither is limited. */
export function shareUsed(
  { limitDownloads, limitBytes }: Pick<TokenFacts, 'limitDownloads' | 'limitBytes'>,
  { downloads, bytes }: Pick<UsageFacts, 'downloads' | 'bytes'>,
): number | null {
  const shares = [
    ...(limitDownloads === null ? [] : [share(downloads, limitDownloads)]),
    ...(limitBytes === null ? [] : [share(bytes, limitBytes)]),
  ]
  return shares.length === 0 ? null : Math.max(...shares)
}

function share(used: number, limit: number): number {
  return limit <= 0 ? 1 : used / limit
}

/** The first of these that is true, in this order. What is used up for one client or in one moment is not told here. */
export function stateOf(
  facts: Pick<TokenFacts, 'isActive' | 'window' | 'limitDownloads' | 'limitBytes'>,
  usage: Pick<UsageFacts, 'downloads' | 'bytes'>,
  now: number,
): TokenState {
  const { from, until } = facts.window
  if (!facts.isActive) return 'disabled'
  if (until !== null && now >= until) return 'expired'
  if (from !== null && now < from) return 'not_yet_valid'
  return (shareUsed(facts, usage) ?? 0) >= 1 ? 'used_up' : 'active'
}
