import type { ArchiveRecord } from '../contract/archive.ts'
import type { HistoryRetention } from '../contract/history.ts'
import { writeLine } from '../download-lines.ts'
import { DAY_MS } from './history-additions.ts'
import { slotOf, type Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'
import { inGroups } from '../slices.ts'
import { createKeyList } from './writes.ts'

const KINDS = ['bucket', 'package', 'repository-package', 'downloader', 'package-day', 'download'] as const

type HistoryRecord = Extract<ArchiveRecord, { readonly kind: (typeof KINDS)[number] }>

/** Values of one call. */
const AT_ONCE = 100

export function isHistory(record: ArchiveRecord): record is HistoryRecord {
  return (KINDS as readonly string[]).includes(record.kind)
}

/** A value as put-history.lua takes it, with its key. */
interface Value {
  readonly key: string
  readonly sort: 'usage' | 'tally' | 'log' | 'latest'
  readonly ttlMs: number
  readonly values: readonly unknown[]
}

/** Puts history in the place of what there is. It is kept for as long as if it had just been written. */
export function createHistoryPut(
  scripts: Pick<Scripts, 'putHistory'>,
  keys: Keys,
  isCluster: boolean,
  keep: HistoryRetention,
): (records: readonly HistoryRecord[]) => Promise<void> {
  return async (records) => {
    const values = records.flatMap((record) => [valueOf(keys, keep, record), ...seenIn(keys, keep, record)])
    const groups = isCluster ? Map.groupBy(values, ({ key }) => slotOf(key)) : new Map([['', values]])
    const calls = [...groups.values()].flatMap((some) => inGroups(some, AT_ONCE))
    await Promise.all(
      calls.map((some) => {
        const list = createKeyList()
        const lists = some.map(({ sort, key, ttlMs, values: each }) => [
          sort,
          list.place(key),
          ttlMs,
          ...each,
        ])
        return scripts.putHistory(list.all, [JSON.stringify(lists)])
      }),
    )
  }
}

function valueOf(keys: Keys, { hoursMs, daysMs, logMs }: HistoryRetention, record: HistoryRecord): Value {
  switch (record.kind) {
    case 'bucket': {
      const { token, span, start, downloads, bytes, refusals, clients } = record
      const key = keys.history(token, span === 'hour' ? 'hours' : 'days')
      const values = [start, downloads, bytes, refusals, clients]
      return { key, sort: 'usage', ttlMs: span === 'hour' ? hoursMs : daysMs, values }
    }
    case 'download': {
      const { download } = record
      const key = keys.repositoryHistory(download.repository, 'downloads')
      const values = [download.at, `${download.id} ${writeLine(download)}`]
      return { key, sort: 'log', ttlMs: logMs, values }
    }
    default:
      return { sort: 'tally', ttlMs: daysMs, ...tallyOf(keys, record) }
  }
}

/** When a token was seen follows from its days. */
function seenIn(keys: Keys, { daysMs }: HistoryRetention, record: HistoryRecord): readonly Value[] {
  if (record.kind !== 'bucket' || record.span !== 'day') return []
  return [{ key: keys.seenTokens, sort: 'latest', ttlMs: daysMs, values: [record.start, record.token] }]
}

/** Fields and values are those of history-additions.ts. */
function tallyOf(
  keys: Keys,
  record: Exclude<HistoryRecord, { readonly kind: 'bucket' | 'download' }>,
): Pick<Value, 'key' | 'values'> {
  const { repository, name, version, filename, downloads, bytes } = record
  const file = [name, version, filename]
  if (record.kind === 'package-day') {
    const { day } = record
    const lastAt = day + DAY_MS - 1
    const values = [JSON.stringify(file), downloads, bytes, day, lastAt, '']
    return { key: keys.packageDay(repository, day), values }
  }
  const counts = [downloads, bytes, record.firstAt, record.lastAt]
  if (record.kind === 'package') {
    const values = [JSON.stringify([repository, ...file]), ...counts, record.format]
    return { key: keys.history(record.token, 'packages'), values }
  }
  if (record.kind === 'repository-package') {
    const values = [JSON.stringify(file), ...counts, record.format]
    return { key: keys.repositoryHistory(repository, 'packages'), values }
  }
  const values = [JSON.stringify([record.token, version, filename]), ...counts, record.tokenName]
  return { key: keys.downloaders(repository, name), values }
}
