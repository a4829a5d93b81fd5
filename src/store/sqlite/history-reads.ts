import type { DatabaseSync } from 'node:sqlite'
import type {
  DeliveryTotals,
  Downloader,
  DownloadersQuery,
  DownloadRecord,
  DownloadsQuery,
  HistoryInterval,
  HistoryStore,
  PackageName,
  PackagesQuery,
  PackageUse,
  UsageBucket,
} from '../contract/history.ts'
import { pageOf, readLine } from '../download-lines.ts'
import { allRows, firstRow, readPage } from './database.ts'
import { DAY_MS } from './history-rows.ts'

type Reads = Omit<HistoryStore, 'record' | 'trim'>

/** What can be asked of the history. */
export function createHistoryReads(database: DatabaseSync): Reads {
  return { ...usageReads(database), ...packageReads(database), ...downloadReads(database) }
}

function hoursOf({ span }: HistoryInterval): number {
  return span === 'hour' ? 1 : 24
}

/** Days of tokens that are looked through for those that were seen last. */
const MOST_DAYS = 10_000

function usageReads(database: DatabaseSync): Pick<Reads, 'usage' | 'totals' | 'seen'> {
  const seen = database.prepare(
    `SELECT token FROM history_usage WHERE hours = 24 AND start >= ? ORDER BY start DESC LIMIT ${MOST_DAYS}`,
  )
  const buckets = database.prepare(
    `SELECT start, downloads, bytes, refusals, clients FROM history_usage
     WHERE token = ? AND hours = ? AND start >= ? AND start < ? ORDER BY start`,
  )
  const totals = database.prepare(
    `SELECT coalesce(sum(downloads), 0) AS downloads, coalesce(sum(bytes), 0) AS bytes FROM history_usage
     WHERE token = ? AND hours = ? AND start >= ? AND start < ?`,
  )
  return {
    seen: async ({ from, limit }) => {
      const rows = allRows<{ readonly token: string }>(seen, from - (from % DAY_MS))
      return [...new Set(rows.map(({ token }) => token))].slice(0, limit)
    },
    usage: async (query) => {
      const { token, from, until } = query
      type Row = Omit<UsageBucket, 'refusals'> & { readonly refusals: string }
      return allRows<Row>(buckets, token, hoursOf(query), from, until).map((row) => ({
        ...row,
        refusals: JSON.parse(row.refusals) as UsageBucket['refusals'],
      }))
    },
    totals: async (query) => {
      const { tokens, from, until } = query
      const none: DeliveryTotals = { downloads: 0, bytes: 0 }
      return tokens.map((token) => ({
        ...(firstRow<DeliveryTotals>(totals, token, hoursOf(query), from, until) ?? none),
      }))
    },
  }
}

/** A package of which everything was given back was not used. */
const USED = '(downloads > 0 OR bytes > 0)'

function packageReads(database: DatabaseSync): Pick<Reads, 'packages' | 'packageTotals' | 'downloaders'> {
  const totals = database.prepare(
    `SELECT name, version, filename, sum(downloads) AS downloads, sum(bytes) AS bytes FROM history_package_days
     WHERE repository = ? AND day >= ? AND day < ? GROUP BY name, version, filename`,
  )
  return {
    packages: async (query) => readPackages(database, query),
    packageTotals: async ({ repository, from, until }) =>
      allRows<PackageName & DeliveryTotals>(totals, repository, from, until),
    downloaders: async (query) => readDownloaders(database, query),
  }
}

function readPackages(
  database: DatabaseSync,
  query: PackagesQuery,
): { readonly total: number; readonly packages: readonly PackageUse[] } {
  const { of, search } = query
  const [owned, whose] = 'token' in of ? ['token', of.token] : ['repository', of.repository]
  const inside = 'token' in of ? (of.repository ?? '') : ''
  const groups = `SELECT repository, name, version, filename, max(format) AS format, sum(downloads) AS downloads,
      sum(bytes) AS bytes, min(first_at) AS firstAt, max(last_at) AS lastAt FROM history_packages
    WHERE ${owned} = :whose AND (:inside = '' OR repository = :inside) AND (:search = '' OR instr(fold(name), fold(:search)) > 0 OR instr(fold(filename), fold(:search)) > 0)
    GROUP BY repository, name, version, filename HAVING sum(downloads) > 0 OR sum(bytes) > 0`
  const values = { whose, inside, search }
  const { total, rows } = readPage<PackageUse>(database, query, {
    from: `FROM (${groups})`,
    select: `${groups} ORDER BY lastAt DESC, repository, name, version, filename LIMIT :limit OFFSET :offset`,
    values,
  })
  return { total, packages: rows }
}

function readDownloaders(
  database: DatabaseSync,
  query: DownloadersQuery,
): { readonly total: number; readonly downloaders: readonly Downloader[] } {
  const { repository, name, version } = query
  const filter = `FROM history_packages WHERE repository = :repository AND name = :name
    AND (:anyVersion = 1 OR version = :version) AND ${USED}`
  const values = { repository, name, anyVersion: Number(version === null), version: version ?? '' }
  const { total, rows } = readPage<Downloader>(database, query, {
    from: filter,
    select: `SELECT token, token_name AS tokenName, version, filename, downloads, bytes, first_at AS firstAt, last_at AS lastAt
      ${filter} ORDER BY lastAt DESC, token, version, filename LIMIT :limit OFFSET :offset`,
    values,
  })
  return { total, downloaders: rows }
}

function downloadReads(database: DatabaseSync): Pick<Reads, 'downloads'> {
  const within = 'FROM history_downloads WHERE repository = ?1 AND at >= ?2 AND at < ?3'
  const rising = database.prepare(
    `SELECT at, id, line ${within} AND (at, id) > (?4, ?5) ORDER BY at, id LIMIT ?6`,
  )
  const falling = database.prepare(
    `SELECT at, id, line ${within} AND (at, id) < (?4, ?5) ORDER BY at DESC, id DESC LIMIT ?6`,
  )
  const read = ({ repository, from, until, after, descending, limit }: DownloadsQuery): DownloadRecord[] => {
    const { at, id } = after ?? { at: descending ? until : from, id: '' }
    // The index begins where the page does.
    const [first, end] = descending ? [from, Math.min(until, at + 1)] : [Math.max(from, at), until]
    type Row = { readonly at: number; readonly id: string; readonly line: string }
    const rows = allRows<Row>(descending ? falling : rising, repository, first, end, at, id, limit)
    return rows.map((row) => readLine(row.line, repository, row.at, row.id))
  }
  return { downloads: (query) => pageOf(query, read) }
}
