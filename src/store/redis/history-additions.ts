import type {
  DownloadRecord,
  HistoryBatch,
  HistoryRetention,
  PackageIncrement,
  UsageIncrement,
} from '../contract/history.ts'
import { hashClient } from '../distinct-clients.ts'
import { writeLine } from '../download-lines.ts'
import type { Keys } from './keys.ts'

/** Something that is added under one key; `values` as record-history.lua has them behind the key. */
export interface Addition {
  readonly kind: 'usage' | 'tally' | 'log'
  readonly key: string
  readonly values: readonly unknown[]
}

export const DAY_MS = 86_400_000
/** Fields of what all tokens share, for each that one token may have. */
const SHARED_FIELDS = 20
/** Tokens that are known to have been seen last, among all. */
const MOST_SEEN = 5_000

/** What a batch adds, key by key. */
export function additionsOf(keys: Keys, batch: HistoryBatch, keep: HistoryRetention): readonly Addition[] {
  const { now } = batch
  const logs = Map.groupBy(batch.downloads, ({ repository }) => repository)
  return [
    ...batch.usage.flatMap((more) => usageAdditions(keys, more, keep, now)),
    ...batch.packages.flatMap((more) => packageAdditions(keys, more, keep, now)),
    ...seenAddition(keys, batch, keep),
    ...Array.from(logs, ([repository, records]) => logAddition(keys, repository, records, keep, now)),
  ]
}

function usageAdditions(keys: Keys, more: UsageIncrement, keep: HistoryRetention, now: number): Addition[] {
  const { token, hour, downloads, bytes } = more
  const counts = [downloads, bytes, Object.fromEntries(more.refusals), Array.from(more.clients, hashClient)]
  const day = hour - (hour % DAY_MS)
  return [
    usage(keys.history(token, 'hours'), [hour, now - keep.hoursMs, keep.hoursMs], counts),
    usage(keys.history(token, 'days'), [day, now - keep.daysMs, keep.daysMs], counts),
  ]
}

function usage(key: string, times: readonly number[], counts: readonly unknown[]): Addition {
  return { kind: 'usage', key, values: [...times, ...counts] }
}

function packageAdditions(
  keys: Keys,
  more: PackageIncrement,
  keep: HistoryRetention,
  now: number,
): Addition[] {
  const { token, tokenName, repository, format, name, version, filename, firstAt } = more
  const day = firstAt - (firstAt % DAY_MS)
  const [few, many] = [keep.packages, SHARED_FIELDS * keep.packages]
  const ttl = keep.daysMs
  const tally = (
    key: string,
    field: readonly string[],
    most: number,
    ttlMs: number,
    about: string,
  ): Addition => {
    const { downloads, bytes, lastAt } = more
    const values = [JSON.stringify(field), most, ttlMs, downloads, bytes, firstAt, lastAt, about]
    return { kind: 'tally', key, values }
  }
  const file = [name, version, filename] as const
  return [
    tally(keys.history(token, 'packages'), [repository, ...file], few, ttl, format),
    tally(keys.repositoryHistory(repository, 'packages'), file, many, ttl, format),
    tally(keys.packageDay(repository, day), file, many, Math.max(1, day + DAY_MS + ttl - now), ''),
    tally(keys.downloaders(repository, name), [token, version, filename], many, ttl, tokenName),
  ]
}

/** The tokens of a batch stand with its time, once. */
function seenAddition(keys: Keys, { usage: all, now }: HistoryBatch, keep: HistoryRetention): Addition[] {
  if (all.length === 0) return []
  const entries = all.flatMap(({ token }) => [now, token])
  return [
    { kind: 'log', key: keys.seenTokens, values: [now - keep.daysMs, MOST_SEEN, keep.daysMs, ...entries] },
  ]
}

function logAddition(
  keys: Keys,
  repository: string,
  records: readonly DownloadRecord[],
  keep: HistoryRetention,
  now: number,
): Addition {
  const entries = records.flatMap((record) => [record.at, `${record.id} ${writeLine(record)}`])
  const key = keys.repositoryHistory(repository, 'downloads')
  return { kind: 'log', key, values: [now - keep.logMs, keep.logEntries, keep.logMs, ...entries] }
}
