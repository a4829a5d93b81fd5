import type { DatabaseSync } from 'node:sqlite'
import type { TokenStore } from '../contract.ts'
import { allRows } from './database.ts'

interface ChangeRow {
  readonly seq: number
  readonly digest: string
}

/** How often a process asks whether others wrote: four microseconds, so that an idle one spends no time to speak of. */
const POLL_MS = 25
/** Rows of the log that are kept, and read at once. Whoever is further behind forgets everything. */
export const KEPT_CHANGES = 10_000

/** Follows the log of token changes, which every process of the host writes to. */
export function createChangeFeed(database: DatabaseSync): {
  watch: TokenStore['watch']
  poll: () => void
  start: () => void
  stop: () => void
} {
  const listeners = new Set<(digest: string | undefined) => void>()
  const newer = database.prepare('SELECT seq, digest FROM token_changes WHERE seq > ? ORDER BY seq LIMIT ?')
  const latest = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM token_changes')
  const readLatest = (): number => Number(latest.get()?.['seq'])
  let seen = readLatest()
  let timer: NodeJS.Timeout | undefined

  const readNews = (): readonly (string | undefined)[] => {
    try {
      const rows = allRows<ChangeRow>(newer, seen, KEPT_CHANGES)
      const isComplete = rows.length < KEPT_CHANGES && (rows[0]?.seq ?? seen + 1) === seen + 1
      seen = isComplete ? (rows.at(-1)?.seq ?? seen) : readLatest()
      return isComplete ? rows.map(({ digest }) => digest) : [undefined]
    } catch {
      return [undefined]
    }
  }
  const poll = (): void => {
    for (const digest of readNews()) listeners.forEach((listener) => listener(digest))
  }
  const pollIfWritten = createWriteDetector(database, poll)
  return {
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    poll,
    start: () => {
      timer = setInterval(pollIfWritten, POLL_MS).unref()
    },
    stop: () => clearInterval(timer),
  }
}

/** Calls `react` only when another connection wrote since the last call. */
function createWriteDetector(database: DatabaseSync, react: () => void): () => void {
  const version = database.prepare('PRAGMA data_version')
  let known: unknown
  return () => {
    let current: unknown
    try {
      current = version.get()?.['data_version']
    } catch {
      // What can't be read is told by the reaction.
    }
    if (current !== undefined && current === known) return
    known = current
    react()
  }
}
