import type { DatabaseSync } from 'node:sqlite'
import type { HistoryBatch, HistoryRetention, HistoryStore } from '../contract/history.ts'
import { createDeletion, DELETED_AT_ONCE } from './deletion.ts'
import { DAY_MS } from './history-rows.ts'
import type { Write } from './turn-batch.ts'

const PACKAGE_KEY = 'token, repository, name, version, filename'

/** Drops rows, at most so many, and tells how many. */
type Drop = (limit: number) => number

/** Drops what is too old and too much. */
export function createHistoryTrim(
  database: DatabaseSync,
  write: Write,
): { readonly trim: HistoryStore['trim']; readonly noteGrowth: (batch: HistoryBatch) => void } {
  const old = createAgeTrim(database)
  const excessDownloads = createExcessTrim(database, {
    table: 'history_downloads',
    key: 'repository, at, id',
    own: 'repository',
    oldest: 'at, id',
  })
  const excessPackages = createExcessTrim(database, {
    table: 'history_packages',
    key: PACKAGE_KEY,
    own: 'token',
    oldest: 'last_at',
  })
  // Only those that this process added to can have grown beyond what they may have.
  let grown = new Set<string>()

  const dropAll = async (drop: Drop): Promise<void> => {
    while ((await write(() => drop(DELETED_AT_ONCE))) >= DELETED_AT_ONCE);
  }
  return {
    noteGrowth: ({ packages }) => packages.forEach(({ token }) => grown.add(token)),
    trim: async (keep, repositories, now) => {
      const tokens = grown
      grown = new Set()
      const drops = [
        ...old(keep, now),
        ...repositories.map((each) => excessDownloads(each, keep.logEntries)),
        ...Array.from(tokens, (each) => excessPackages(each, keep.packages)),
      ]
      for (const drop of drops) await dropAll(drop)
    },
  }
}

function createAgeTrim(database: DatabaseSync): (keep: HistoryRetention, now: number) => readonly Drop[] {
  const usage = createDeletion(database, 'history_usage', 'token, hours, start', 'hours = ? AND start < ?')
  const packages = createDeletion(database, 'history_packages', PACKAGE_KEY, 'last_at < ?')
  const days = createDeletion(
    database,
    'history_package_days',
    'repository, day, name, version, filename',
    'day < ?',
  )
  // Of every repository there ever was: also of those that are no longer configured.
  const downloads = database.prepare(
    `DELETE FROM history_downloads WHERE (repository, at, id) IN
       (SELECT log.repository, log.at, log.id FROM (${DISTINCT_REPOSITORIES}) AS known, history_downloads AS log
        WHERE log.repository = known.repository AND log.at < ? LIMIT ?)`,
  )
  const writers = createDeletion(database, 'history_writers', 'writer', 'at < ?')
  return (keep, now) => [
    (limit) => usage(limit, 1, now - keep.hoursMs),
    (limit) => usage(limit, 24, now - keep.daysMs),
    (limit) => packages(limit, now - keep.daysMs),
    (limit) => days(limit, now - keep.daysMs),
    (limit) => Number(downloads.run(now - keep.logMs, limit).changes),
    (limit) => writers(limit, now - DAY_MS),
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

/** Drops the oldest rows of one owner beyond so many. `own`: the column that names it. */
function createExcessTrim(
  database: DatabaseSync,
  { table, key, own, oldest }: { table: string; key: string; own: string; oldest: string },
): (owner: string, most: number) => Drop {
  const count = database.prepare(`SELECT count(*) AS total FROM ${table} WHERE ${own} = ?`)
  const remove = createDeletion(database, table, key, `${own} = ? ORDER BY ${oldest}`)
  return (owner, most) => (limit) => {
    const excess = Number(count.get(owner)?.['total']) - most
    return excess <= 0 ? 0 : remove(Math.min(excess, limit), owner)
  }
}
