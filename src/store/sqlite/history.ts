import type { DatabaseSync } from 'node:sqlite'
import type { HistoryBatch, HistoryStore } from '../contract/history.ts'
import { firstRow } from './database.ts'
import { createHistoryReads } from './history-reads.ts'
import { createHistoryRows, type HistoryRows } from './history-rows.ts'
import { createHistoryTrim } from './history-trim.ts'
import type { Write } from './turn-batch.ts'

/** The history of a SQLite store. What is too old is dropped by `trim` only. */
export function createSqliteHistory(database: DatabaseSync, write: Write): HistoryStore {
  const rows = createHistoryRows(database)
  const isNews = createWriterMarks(database)
  const trim = createHistoryTrim(database, write)
  return {
    record: (batch, keep) =>
      write(() => {
        if (isNews(batch)) add(rows, batch)
        trim.noteGrowth(batch, keep)
      }),
    trim: trim.trim,
    ...createHistoryReads(database),
  }
}

/** Tells whether a batch is a new one, and notes it. */
function createWriterMarks(database: DatabaseSync): (batch: HistoryBatch) => boolean {
  const read = database.prepare('SELECT number FROM history_writers WHERE writer = ?')
  const save = database.prepare(
    'INSERT OR REPLACE INTO history_writers (writer, number, at) VALUES (?, ?, ?)',
  )
  return ({ writer, number, now }) => {
    if ((firstRow<{ number: number }>(read, writer)?.number ?? 0) >= number) return false
    save.run(writer, number, now)
    return true
  }
}

function add(rows: HistoryRows, { usage, packages, downloads }: HistoryBatch): void {
  usage.forEach(rows.addUsage)
  packages.forEach(rows.addPackage)
  downloads.forEach(rows.addDownload)
}
