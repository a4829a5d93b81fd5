import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DownloadsCursor, HistoryBatch, HistoryRetention, HistoryStore } from '../contract/history.ts'
import { firstRow } from './database.ts'
import { createDeletion, DELETED_AT_ONCE } from './deletion.ts'
import { DAY_MS } from './history-rows.ts'
import type { Write } from './turn-batch.ts'

const PACKAGE_KEY = 'token, repository, name, version, filename'

/** Tokens that may wait to be trimmed without having been looked at. */
const MOST_GROWN = 10_000

/** Drops rows, at most so many, and tells how many. */
type Drop = (limit: number) => number

/** Drops what is too old and too much. */
export function createHistoryTrim(
  database: DatabaseSync,
  write: Write,
): {
  readonly trim: HistoryStore['trim']
  /** A batch was added. */
  readonly noteGrowth: (batch: HistoryBatch, keep: HistoryRetention) => void
} {
  const old = createAgeTrim(database)
  const log = createLogTrim(database)
  const packages = createPackageTrim(database)
  // Only those that this process added to can have grown beyond what they may have.
  const grown = new Set<string>()
  /** Looks at some, those first that were noted first, and forgets them unless they have too much. */
  const sift = (count: number, most: number): void => {
    for (const token of grown.values().take(count)) {
      grown.delete(token)
      if (packages.excess(token, most) > 0) grown.add(token)
    }
  }

  const dropAll = async (drop: Drop): Promise<void> => {
    while ((await write(() => drop(DELETED_AT_ONCE))) >= DELETED_AT_ONCE);
  }
  return {
    noteGrowth: (batch, keep) => {
      for (const { token } of batch.packages) grown.add(token)
      if (grown.size > MOST_GROWN) sift(2 * batch.packages.length, keep.packages)
    },
    trim: async (keep, repositories, now) => {
      for (const drop of old(keep, now)) await dropAll(drop)
      for (const repository of repositories) {
        const end = await log.findEnd(repository, keep.logEntries)
        if (end !== undefined) await dropAll((limit) => log.dropFrom(end, repository, limit))
      }
      const tokens = [...grown]
      for (const token of tokens) {
        // First, because it may grow meanwhile.
        grown.delete(token)
        await dropAll(packages.drop(token, keep.packages))
      }
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

/** Entries of a log that are passed at once, so that nobody waits long for it. */
const PASSED_AT_ONCE = 10_000

/** Drops the oldest entries of a log beyond so many. Of several processes that do so at once, none drops more. */
function createLogTrim(database: DatabaseSync) {
  const pass = database.prepare(
    `SELECT at, id FROM history_downloads WHERE repository = ? AND at <= ? AND (at, id) < (?, ?)
     ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?`,
  )
  const remove = createDeletion(
    database,
    'history_downloads',
    'repository, at, id',
    'repository = ? AND at <= ? AND (at, id) <= (?, ?) ORDER BY at, id',
  )
  return {
    /** The latest entry that is too much: there are `most` later ones. Outside of transactions, which others wait for. */
    findEnd: async (repository: string, most: number): Promise<DownloadsCursor | undefined> => {
      let end: DownloadsCursor = { at: Number.MAX_SAFE_INTEGER, id: '' }
      for (let left = most + 1; left > 0; left -= PASSED_AT_ONCE) {
        const skipped = Math.min(left, PASSED_AT_ONCE) - 1
        const passed = firstRow<DownloadsCursor>(pass, repository, end.at, end.at, end.id, skipped)
        if (passed === undefined) return undefined
        end = passed
        await nextTurn()
      }
      return end
    },
    /** Drops it, and what is older. */
    dropFrom: ({ at, id }: DownloadsCursor, repository: string, limit: number): number =>
      remove(limit, repository, at, at, id),
  }
}

/** Drops the packages of a token beyond so many that were not used for the longest time. */
function createPackageTrim(database: DatabaseSync) {
  const count = database.prepare('SELECT count(*) AS total FROM history_packages WHERE token = ?')
  const remove = createDeletion(database, 'history_packages', PACKAGE_KEY, 'token = ? ORDER BY last_at')
  /** How many are too many; below zero: none, and there is room for more. */
  const excess = (token: string, most: number): number => Number(count.get(token)?.['total']) - most
  return {
    excess,
    drop: (token: string, most: number): Drop => {
      return (limit) => {
        const tooMany = excess(token, most)
        return tooMany <= 0 ? 0 : remove(Math.min(tooMany, limit), token)
      }
    },
  }
}
