import { WHOLE_OWNER } from '../policy/owner-level.ts'
import { periodStart } from '../policy/reset.ts'
import { scheduleOf } from '../policy/schedule.ts'
import type { Repository } from '../policy/types.ts'
import type { Store, StoredToken, Usage } from '../store/contract.ts'
import type { EventRecord } from '../store/contract/events.ts'
import { clientEvent, expiryEvent, limitEvent, thresholdsOf } from '../store/usage-events.ts'
import { createCensus, type Census, type TokenCounts } from './census.ts'

export interface ScanOptions {
  readonly store: {
    readonly tokens: Pick<Store['tokens'], 'walk'>
    readonly usage: Pick<Store['usage'], 'read'>
    readonly events: Pick<Store['events'], 'add'>
  }
  readonly repositories: () => ReadonlyMap<string, Pick<Repository, 'owner' | 'repo'>>
  readonly expiringDays: () => readonly number[]
  /** Told how many tokens there are, after each look that saw all. */
  readonly onCensus: (counts: readonly TokenCounts[]) => void
  /** Epoch ms. */
  readonly clock: () => number
  /** Between two steps, so that a look at many tokens keeps nobody waiting. */
  readonly pause: () => Promise<void>
}

/** Tokens that are looked at in one go: with SQLite nobody else gets a turn meanwhile. */
const STEP = 50
/** Ids that are known to be in the store already: so much memory spares asking for most of them each time. */
const MOST_KNOWN = 50_000

/**
 * Looks at every token of the configured repositories, and of their owners, for what nobody may have noticed: ends of windows, and limits and clients whose notice
 * was lost with a process. What was told before has the same id, and is not told again. Resolves when it has seen all, or `isStopped`.
 */
export function createScan(options: ScanOptions): (isStopped: () => boolean) => Promise<void> {
  const { store, repositories, clock, pause } = options
  const known = new Set<string>()
  /** Bandwidth that was used up at the last look: a delivery of unknown size reserves all there is for a moment. */
  let suspected = new Set<string>()

  const tell = async (events: readonly EventRecord[]): Promise<void> => {
    const news = events.filter(({ id }) => !known.has(id))
    if (news.length === 0) return
    await store.events.add(news)
    if (known.size > MOST_KNOWN) known.clear()
    for (const { id } of news) known.add(id)
  }
  return async (isStopped) => {
    const before = suspected
    suspected = new Set()
    const isCertain = ({ id, data }: EventRecord): boolean => {
      if (data['limit'] !== 'bandwidth') return true
      suspected.add(id)
      return before.has(id)
    }
    const census = createCensus(repositories().keys())
    const look = async (all: readonly StoredToken[]): Promise<void> => {
      const now = clock()
      const tokens = all.filter(({ isActive }) => isActive)
      const usage = await store.usage.read(tokens.map((token) => usageQuery(token, now)))
      const events = tokens.flatMap((token, index) => eventsOf(options, token, usage[index], now))
      count(census, all, tokens, usage, now)
      await tell(events.filter(isCertain))
    }
    for (const { owner, repo } of placesOf(repositories())) {
      let last: StoredToken | null = null
      while (!isStopped()) {
        const tokens: readonly StoredToken[] = await store.tokens.walk(owner, repo, last, STEP)
        last = tokens.at(-1) ?? null
        if (last === null) break
        await look(tokens)
        await pause()
      }
    }
    if (!isStopped()) options.onCensus(census.counts())
  }
}

function count(
  census: Census,
  all: readonly StoredToken[],
  active: readonly StoredToken[],
  usage: readonly (Usage | undefined)[],
  now: number,
): void {
  const usages = new Map(active.map(({ slugPerm }, index) => [slugPerm, usage[index]]))
  for (const token of all) census.add(token, usages.get(token.slugPerm), now)
}

/** Repositories, and owners: tokens may belong to those. */
function placesOf(
  repositories: ReadonlyMap<string, Pick<Repository, 'owner' | 'repo'>>,
): readonly Pick<Repository, 'owner' | 'repo'>[] {
  const all = [...repositories.values()]
  const owners = [...new Set(all.map(({ owner }) => owner))]
  return [...all, ...owners.map((owner) => ({ owner, repo: WHOLE_OWNER }))]
}

function usageQuery(token: StoredToken, now: number): { token: string; periodStart: number | null } {
  return { token: token.slugPerm, periodStart: periodStart(scheduleOf(token), now) }
}

function eventsOf(
  { expiringDays }: ScanOptions,
  token: StoredToken,
  usage: Usage | undefined,
  now: number,
): EventRecord[] {
  const found = [
    expiryEvent(token, expiringDays(), now),
    ...(usage === undefined
      ? []
      : [
          clientEvent(token, usage, now),
          ...thresholdsOf(token).map((threshold) => limitEvent(token, threshold, usage, now)),
        ]),
  ]
  return found.filter((event) => event !== undefined)
}
