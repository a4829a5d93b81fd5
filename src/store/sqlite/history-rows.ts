import type { DatabaseSync } from 'node:sqlite'
import type { DownloadRecord, PackageIncrement, UsageIncrement } from '../contract/history.ts'
import { addClients, hashClient, NO_CLIENTS } from '../distinct-clients.ts'
import { writeLine } from '../download-lines.ts'
import { firstRow } from './database.ts'

export const DAY_MS = 86_400_000

/** Single writes to the tables of history. They belong inside a transaction. */
export interface HistoryRows {
  readonly addUsage: (more: UsageIncrement) => void
  readonly addPackage: (more: PackageIncrement) => void
  readonly addDownload: (record: DownloadRecord) => void
}

/** Prepares the statements. */
export function createHistoryRows(database: DatabaseSync): HistoryRows {
  return { ...usageRows(database), ...packageRows(database), ...downloadRows(database) }
}

interface BucketRow {
  readonly downloads: number
  readonly bytes: number
  readonly refusals: string
  readonly clients: string
}

const EMPTY: BucketRow = { downloads: 0, bytes: 0, refusals: '{}', clients: NO_CLIENTS }

function usageRows(database: DatabaseSync): Pick<HistoryRows, 'addUsage'> {
  const read = database.prepare(
    'SELECT downloads, bytes, refusals, clients FROM history_usage WHERE token = ? AND hours = ? AND start = ?',
  )
  const save = database.prepare(`INSERT INTO history_usage VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT DO UPDATE SET downloads = ?4, bytes = ?5, refusals = ?6, clients = ?7`)
  return {
    addUsage: (more) => {
      const { token, hour, downloads, bytes } = more
      const hashes = Array.from(more.clients, hashClient)
      const spans = [
        [1, hour],
        [24, hour - (hour % DAY_MS)],
      ] as const
      for (const [hours, start] of spans) {
        const before = firstRow<BucketRow>(read, token, hours, start) ?? EMPTY
        const refusals = addCounts(before.refusals, more.refusals)
        const clients = hashes.length === 0 ? before.clients : addClients(before.clients, hashes)
        save.run(token, hours, start, before.downloads + downloads, before.bytes + bytes, refusals, clients)
      }
    },
  }
}

function addCounts(text: string, more: ReadonlyMap<string, number>): string {
  if (more.size === 0) return text
  const counts = new Map(Object.entries(JSON.parse(text) as Record<string, number>))
  for (const [code, count] of more) counts.set(code, (counts.get(code) ?? 0) + count)
  return JSON.stringify(Object.fromEntries(counts))
}

function packageRows(database: DatabaseSync): Pick<HistoryRows, 'addPackage'> {
  const add = database.prepare(
    `INSERT INTO history_packages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
     ON CONFLICT DO UPDATE SET downloads = downloads + ?8, bytes = bytes + ?9,
       token_name = iif(?11 >= last_at, ?7, token_name), first_at = min(first_at, ?10), last_at = max(last_at, ?11)`,
  )
  const addDay = database.prepare(
    `INSERT INTO history_package_days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT DO UPDATE SET downloads = downloads + ?6, bytes = bytes + ?7`,
  )
  return {
    addPackage: (more) => {
      const { token, tokenName, repository, format, firstAt, lastAt } = more
      const { name, version, filename, downloads, bytes } = more
      const file = [name, version, filename] as const
      add.run(token, repository, ...file, format, tokenName, downloads, bytes, firstAt, lastAt)
      addDay.run(repository, firstAt - (firstAt % DAY_MS), ...file, downloads, bytes)
    },
  }
}

function downloadRows(database: DatabaseSync): Pick<HistoryRows, 'addDownload'> {
  const add = database.prepare('INSERT OR IGNORE INTO history_downloads VALUES (?, ?, ?, ?)')
  return {
    addDownload: (record) => void add.run(record.repository, record.at, record.id, writeLine(record)),
  }
}
