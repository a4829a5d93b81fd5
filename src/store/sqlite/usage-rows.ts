import type { DatabaseSync } from 'node:sqlite'
import type { Ledger } from '../../policy/ledger.ts'
import type { Usage } from '../contract.ts'
import { createClientRows, type ClientRows, type CountedRows } from './client-rows.ts'
import { firstRow } from './database.ts'
import { createUnderwayRows, type UnderwayRows } from './underway-rows.ts'

/** Usage as it lies in the database. */
export interface StoredUsage extends Usage {
  /** State of the rate, see policy/rate.ts. Resets leave it alone. */
  readonly busyUntilUs: number | null
}

/** Single reads and writes of the usage tables. They belong inside a transaction; the arithmetic is elsewhere. */
export interface UsageRows extends ClientRows, UnderwayRows {
  readonly usage: (token: string) => StoredUsage
  /** Writes `after` where `before` was read. */
  readonly saveUsage: (token: string, before: StoredUsage, after: StoredUsage) => void
  /** The ledger of this epoch, if there is one. */
  readonly ledger: (token: string, client: string, artifact: string, epoch: number) => Ledger | undefined
  readonly saveLedger: (
    token: string,
    client: string,
    artifact: string,
    epoch: number,
    ledger: Ledger,
    now: number,
  ) => void
  readonly deleteLedger: (token: string, client: string, artifact: string) => void
}

export interface UsageRow {
  readonly epoch: number
  readonly downloads: number
  readonly clients: number
  readonly bytes: number
  readonly last_used_at: number | null
  readonly reset_at: number | null
  readonly busy_until_us: number | null
}

/** Of a token that was never used. */
export const UNUSED: StoredUsage = {
  epoch: 0,
  downloads: 0,
  clients: 0,
  bytes: 0,
  lastUsedAt: null,
  resetAt: null,
  busyUntilUs: null,
}

/** Prepares the statements. */
export function createUsageRows(database: DatabaseSync): UsageRows & CountedRows {
  return {
    ...usageRows(database),
    ...ledgerRows(database),
    ...createClientRows(database),
    ...createUnderwayRows(database),
  }
}

function usageRows(database: DatabaseSync): Pick<UsageRows, 'usage' | 'saveUsage'> {
  const read = database.prepare('SELECT * FROM usage WHERE token = ?')
  const save = database.prepare(
    `INSERT OR REPLACE INTO usage (token, epoch, downloads, clients, bytes, last_used_at, reset_at, busy_until_us)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const leave = database.prepare('INSERT OR IGNORE INTO past_epochs (token, epoch) VALUES (?, ?)')
  return {
    usage: (token) => {
      const row = firstRow<UsageRow>(read, token)
      return row === undefined ? UNUSED : fromRow(row)
    },
    saveUsage: (token, before, after) => {
      const { epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs } = after
      save.run(token, epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs)
      if (before.epoch !== epoch && before.lastUsedAt !== null) leave.run(token, before.epoch)
    },
  }
}

export function fromRow(row: UsageRow): StoredUsage {
  const { epoch, downloads, clients, bytes, last_used_at, reset_at, busy_until_us } = row
  return {
    epoch,
    downloads,
    clients,
    bytes,
    lastUsedAt: last_used_at,
    resetAt: reset_at,
    busyUntilUs: busy_until_us,
  }
}

function ledgerRows(database: DatabaseSync): Pick<UsageRows, 'ledger' | 'saveLedger' | 'deleteLedger'> {
  const read = database.prepare(
    'SELECT ledger FROM ledgers WHERE token = ? AND client = ? AND artifact = ? AND epoch = ?',
  )
  const save = database.prepare(
    `INSERT OR REPLACE INTO ledgers (token, client, artifact, epoch, ledger, touched_at) VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const remove = database.prepare('DELETE FROM ledgers WHERE token = ? AND client = ? AND artifact = ?')
  return {
    ledger: (token, client, artifact, epoch) => {
      const row = firstRow<{ ledger: string }>(read, token, client, artifact, epoch)
      return row && (JSON.parse(row.ledger) as Ledger)
    },
    saveLedger: (token, client, artifact, epoch, ledger, now) => {
      save.run(token, client, artifact, epoch, JSON.stringify(ledger), now)
    },
    deleteLedger: (token, client, artifact) => void remove.run(token, client, artifact),
  }
}
