import type { Token } from '../../policy/types.ts'
import type { Usage, UsageStore } from '../../store/contract.ts'
import type { HistoryStore, UsageBucket } from '../../store/contract/history.ts'
import type { Served } from '../routes.ts'
import { findPackages, type KnownPackages } from './known-packages.ts'

/** What a token used on a day (UTC). */
export interface DayOfUse {
  /** First instant, epoch ms. */
  readonly start: number
  readonly downloads: number
  readonly bytes: number
}

/** What stores and storage say for a page. undefined: they did not. */
export interface Gathered {
  readonly usage: Pick<Usage, 'downloads' | 'clients' | 'bytes'> | undefined
  readonly days: readonly DayOfUse[] | undefined
  readonly packages: KnownPackages | undefined
}

export type Gather = (served: Served, token: Token | undefined) => Promise<Gathered>

export interface GatherOptions {
  readonly usage: Pick<UsageStore, 'read'>
  readonly history: Pick<HistoryStore, 'usage' | 'packages'>
  /** Whether anything is recorded that the history could tell. */
  readonly isRecorded: () => boolean
  /** Epoch ms. */
  readonly clock: () => number
}

const DAY_MS = 86_400_000
const DAYS_SHOWN = 30

/**
 * Whoever looks at the same page within this time is told the same: what pages cost the store does not grow with how often they are
 * fetched.
 */
const KEPT_MS = 2_000
const MOST_KEPT = 500

/** Gathers what pages say. Never rejects: what can't be told is left out. */
export function createGather(options: GatherOptions): Gather {
  const recent = new Map<string, { readonly at: number; readonly gathered: Promise<Gathered> }>()
  return (served, token) => {
    const { owner, repo } = served.repository
    const key = `${token?.record.slugPerm ?? ''} ${owner}/${repo}`
    const [known, now] = [recent.get(key), options.clock()]
    if (known !== undefined && now - known.at < KEPT_MS && now >= known.at) return known.gathered
    if (recent.size >= MOST_KEPT) recent.clear()
    const gathered = gather(options, served, token, now)
    recent.set(key, { at: now, gathered })
    return gathered
  }
}

async function gather(
  { usage, history, isRecorded }: GatherOptions,
  served: Served,
  token: Token | undefined,
  now: number,
): Promise<Gathered> {
  // Each is caught from the beginning: while one is awaited, nobody would hear of another that fails, and the process would end.
  const unknown = (): undefined => undefined
  const isTold = token !== undefined && isRecorded()
  const [used, days, packages] = await Promise.all([
    token &&
      usage.read([{ token: token.record.slugPerm, periodStart: token.periodStart(now) }]).catch(unknown),
    isTold ? readDays(history, token.record.slugPerm, now).catch(unknown) : undefined,
    served.about.showsPackages ? findPackages({ history, served, token }).catch(unknown) : undefined,
  ])
  return { usage: used?.[0], days, packages }
}

async function readDays(
  history: Pick<HistoryStore, 'usage'>,
  token: string,
  now: number,
): Promise<readonly DayOfUse[]> {
  const today = now - (now % DAY_MS)
  const from = today - (DAYS_SHOWN - 1) * DAY_MS
  const buckets = await history.usage({ token, span: 'day', from, until: today + DAY_MS })
  const known = new Map<number, UsageBucket>(buckets.map((each) => [each.start, each]))
  return Array.from({ length: DAYS_SHOWN }, (_, index) => {
    const start = from + index * DAY_MS
    const { downloads = 0, bytes = 0 } = known.get(start) ?? {}
    return { start, downloads, bytes }
  })
}
