import { limitBytesOf } from '../policy/bandwidth.ts'
import { isOwnerLevel } from '../policy/owner-level.ts'
import type { JudgedRecord } from '../policy/types.ts'
import { windowOf } from '../policy/window.ts'
import type { Usage } from './contract.ts'
import type { EventRecord } from './contract/events.ts'

/** The counters that limits are compared with, in one counting period. */
export type Counters = Pick<Usage, 'epoch' | 'downloads' | 'clients' | 'bytes'>

/** What of a limit has to be used for a warning. */
const WARNING = 0.8
const DAY_MS = 86_400_000
/** Somebody who hears only now that a token expired so long ago has no use for it. */
const LATE_MS = 7 * DAY_MS

/** A limit of a token, and the first counts at which there is something to tell. */
export interface Threshold {
  readonly counter: 'downloads' | 'clients' | 'bytes'
  readonly limit: number
  readonly warnsAt: number
}

/** Limits of 0 close a token from the start, and are no news. */
export function thresholdsOf(token: JudgedRecord): readonly Threshold[] {
  const limits = { downloads: token.limitDownloads, clients: token.limitClients, bytes: limitBytesOf(token) }
  return (['downloads', 'clients', 'bytes'] as const).flatMap((counter) => {
    const limit = limits[counter]
    return limit === null || limit <= 0 ? [] : [{ counter, limit, warnsAt: Math.ceil(limit * WARNING) }]
  })
}

/** The event that tells of `used`, if it is enough to tell. One limit of one counting period has one id for each, whoever notices. */
export function limitEvent(
  token: JudgedRecord,
  { counter, limit, warnsAt }: Threshold,
  { epoch, [counter]: used }: Counters,
  at: number,
): EventRecord | undefined {
  if (used < warnsAt) return undefined
  const isReached = used >= limit
  const percent = isReached ? 100 : 80
  const name = counter === 'bytes' ? 'bandwidth' : counter
  const id = `limit:${token.slugPerm}:${epoch}:${name}:${limit}:${percent}`
  const type = isReached ? 'limit.reached' : 'limit.warning'
  return {
    ...about(token, at),
    id,
    type,
    data: { limit: name, used, of: limit, percent },
  }
}

/** The event that tells of so many clients; the same number twice in a counting period is one event. */
export function clientEvent(
  token: JudgedRecord,
  { epoch, clients }: Counters,
  at: number,
): EventRecord | undefined {
  if (clients < 1) return undefined
  const data = { clients, of: token.limitClients }
  return { ...about(token, at), id: `client:${token.slugPerm}:${epoch}:${clients}`, type: 'client.new', data }
}

/**
 * The event that tells of the end of a token's window: that it has come, or comes within one of `days`, the fewest that fit. One end has one
 * event for each; a later end is another one. Tokens that are switched off end unnoticed.
 */
export function expiryEvent(
  token: JudgedRecord,
  days: readonly number[],
  now: number,
): EventRecord | undefined {
  const { until } = windowOf(token)
  if (until === null || !token.isActive || now - until > LATE_MS) return undefined
  const facts = { ...about(token, now), data: { expiresAt: until } }
  const id = `${token.slugPerm}:${until}`
  if (until <= now) return { ...facts, id: `expired:${id}`, type: 'token.expired' }
  const within = days.filter((each) => until - now <= each * DAY_MS)
  if (within.length === 0) return undefined
  const fewest = Math.min(...within)
  return {
    ...facts,
    id: `expiring:${id}:${fewest}`,
    type: 'token.expiring',
    data: { expiresAt: until, days: fewest },
  }
}

function about(
  token: JudgedRecord,
  at: number,
): Pick<EventRecord, 'at' | 'owner' | 'repo' | 'token' | 'tokenName'> {
  const { owner, repo, slugPerm, name } = token
  return { at, owner, repo: isOwnerLevel(token) ? '' : repo, token: slugPerm, tokenName: name }
}
