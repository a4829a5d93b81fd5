import type { DatabaseSync } from 'node:sqlite'
import type { HistoryBatch, HistoryRetention, HistoryStore } from '../contract/history.ts'
import type { Write } from './turn-batch.ts'
import { DAY_MS } from './history-rows.ts'

/** Rows that are dropped in one transaction, so that nobody waits long for it. */
const AT_ONCE = 1_000

/** Drops rows, at most so many, and tells how many. */
type Drop = (limit: number) => number

/** Drops what is too old and too much. */
export function createHistoryTrim(
  database: DatabaseSync,
  write: Write,
): { readonly trim: HistoryStore['trim']; readonly noteGrowth: (batch: HistoryBatch) => void } {
  const old = createAgeTrim(database)
  const excess = createExcessTrim(database)
  // Only those that this process added to can have grown beyond what they may have.
  let grown = new Set<string>()

  const dropAll = async (drop: Drop): Promise<void> => {
    while ((await write(() => drop(AT_ONCE))) >= AT_ONCE);
  }
  return {
    noteGrowth: ({ packages }) => packages.forEach(({ token }) => grown.add(token)),
    trim: async (keep, repositories, now) => {
      const tokens = grown
      grown = new Set()
      const drops = [
        ...old(keep, now),
        ...repositories.map(
          (each): Drop =>
            (limit) =>
              excess.downloads(each, keep.logEntries, limit),
        ),
        ...Array.from(
          tokens,
          (each): Drop =>
            (limit) =>
              excess.packages(each, keep.packages, limit),
        ),
      ]
      for (const drop of drops) await dropAll(drop)
    },
  }
}

function createAgeTrim(database: DatabaseSync): (keep: HistoryRetention, now: number) => readonly Drop[] {
  const usage = database.prepare(
    `DELETE FROM history_usage WHERE (token, hours, start) IN
       (SELECT token, hours, start FROM history_usage WHERE hours = ? AND start < ? LIMIT ?)`,
  )
  const packages = database.prepare(
    `DELETE FROM history_packages WHERE (token, repository, name, version, filename) IN
       (SELECT token, repository, name, version, filename FROM history_packages WHERE last_at < ? LIMIT ?)`,
  )
  const days = database.prepare(
    `DELETE FROM history_package_days WHERE (repository, day, name, version, filename) IN
       (SELECT repository, day, name, version, filename FROM history_package_days WHERE day < ? LIMIT ?)`,
  )
  // Of every repository there ever was: also of those that are no longer configured.
  const downloads = database.prepare(
    `DELETE FROM history_downloads WHERE (repository, at, id) IN
       (SELECT log.repository, log.at, log.id FROM (${DISTINCT_REPOSITORIES}) AS known, history_downloads AS log
        WHERE log.repository = known.repository AND log.at < ? LIMIT ?)`,
  )
  const writers = database.prepare(
    'DELETE FROM history_writers WHERE writer IN (SELECT writer FROM history_writers WHERE at < ? LIMIT ?)',
  )
  return (keep, now) => [
    (limit) => Number(usage.run(1, now - keep.hoursMs, limit).changes),
    (limit) => Number(usage.run(24, now - keep.daysMs, limit).changes),
    (limit) => Number(packages.run(now - keep.daysMs, limit).changes),
    (limit) => Number(days.run(now - keep.daysMs, limit).changes),
    (limit) => Number(downloads.run(now - keep.logMs, limit).changes),
    (limit) => Number(writers.run(now - DAY_MS, limit).changes),
  ]
}

/** Leaps from one to the next in the index, however many rows each has. */
const DISTINCT_REPOSITORIES = `
  WITH RECURSIVE each(repository) AS (
    SELECT min(repository) FROM history_downloads
    UNION ALL
    SELECT (SELECT min(repository) FROM history_downloads WHERE repository > each.repository)
      FROM each WHERE each.repository IS NOT NULL
  ) SELECT repository FROM each WHERE repository IS NOT NULL`

function createExcessTrim(database: DatabaseSync) {
  const countDownloads = database.prepare(
    'SELECT count(*) AS total FROM history_downloads WHERE repository = ?',
  )
  const downloads = database.prepare(
    `DELETE FROM history_downloads WHERE (repository, at, id) IN
       (SELECT repository, at, id FROM history_downloads WHERE repository = ? ORDER BY at, id LIMIT ?)`,
  )
  const countPackages = database.prepare('SELECT count(*) AS total FROM history_packages WHERE token = ?')
  const packages = database.prepare(
    `DELETE FROM history_packages WHERE (token, repository, name, version, filename) IN
       (SELECT token, repository, name, version, filename FROM history_packages WHERE token = ?
        ORDER BY last_at LIMIT ?)`,
  )
  return {
    downloads: (repository: string, most: number, limit: number): number => {
      const excess = Number(countDownloads.get(repository)?.['total']) - most
      return excess <= 0 ? 0 : Number(downloads.run(repository, Math.min(excess, limit)).changes)
    },
    packages: (token: string, most: number, limit: number): number => {
      const excess = Number(countPackages.get(token)?.['total']) - most
      return excess <= 0 ? 0 : Number(packages.run(token, Math.min(excess, limit)).changes)
    },
  }
}
