import type { DatabaseSync } from 'node:sqlite'
import type { Ledger } from '../../policy/ledger.ts'
import type { Usage } from '../contract.ts'
import { firstRow } from './database.ts'

interface UsageRow {
  readonly epoch: number
  readonly downloads: number
  readonly clients: number
  readonly bytes: number
  readonly last_used_at: number | null
  readonly reset_at: number | null
}

/** Single reads and writes of the usage tables. They belong inside a transaction; the arithmetic is in usage.ts. */
export interface UsageRows {
  readonly usage: (token: string) => Usage
  readonly saveUsage: (token: string, usage: Usage) => void
  readonly knowsClient: (token: string, epoch: number, client: string) => boolean
  readonly addClient: (token: string, epoch: number, client: string, downloads: number, now: number) => void
  /** Takes downloads back; true when the client has none left and was forgotten. */
  readonly subtractClient: (token: string, epoch: number, client: string, downloads: number) => boolean
  /** The ledger of this counting period, if there is one. */
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

const UNUSED: Usage = { epoch: 0, downloads: 0, clients: 0, bytes: 0, lastUsedAt: null, resetAt: null }

/** Prepares the statements. */
export function createUsageRows(database: DatabaseSync): UsageRows {
  return { ...usageRows(database), ...clientRows(database), ...ledgerRows(database) }
}

function usageRows(database: DatabaseSync): Pick<UsageRows, 'usage' | 'saveUsage'> {
  const read = database.prepare('SELECT * FROM usage WHERE token = ?')
  const save = database.prepare('INSERT OR REPLACE INTO usage VALUES (?, ?, ?, ?, ?, ?, ?)')
  return {
    usage: (token) => {
      const row = firstRow<UsageRow>(read, token)
      return row === undefined ? UNUSED : fromRow(row)
    },
    saveUsage: (token, { epoch, downloads, clients, bytes, lastUsedAt, resetAt }) => {
      save.run(token, epoch, downloads, clients, bytes, lastUsedAt, resetAt)
    },
  }
}

function fromRow({ epoch, downloads, clients, bytes, last_used_at, reset_at }: UsageRow): Usage {
  return { epoch, downloads, clients, bytes, lastUsedAt: last_used_at, resetAt: reset_at }
}

function clientRows(database: DatabaseSync): Pick<UsageRows, 'knowsClient' | 'addClient' | 'subtractClient'> {
  const known = database.prepare('SELECT 1 FROM clients WHERE token = ? AND epoch = ? AND client = ?')
  const add = database.prepare(
    `INSERT INTO clients VALUES (:token, :epoch, :client, :downloads, :now, :now)
     ON CONFLICT DO UPDATE SET downloads = downloads + :downloads, last_at = max(last_at, :now)`,
  )
  const subtract = database.prepare(
    'UPDATE clients SET downloads = downloads - ? WHERE token = ? AND epoch = ? AND client = ?',
  )
  const forget = database.prepare(
    'DELETE FROM clients WHERE token = ? AND epoch = ? AND client = ? AND downloads <= 0',
  )
  return {
    knowsClient: (token, epoch, client) => known.get(token, epoch, client) !== undefined,
    addClient: (token, epoch, client, downloads, now) =>
      void add.run({ token, epoch, client, downloads, now }),
    subtractClient: (token, epoch, client, downloads) => {
      subtract.run(downloads, token, epoch, client)
      return Number(forget.run(token, epoch, client).changes) > 0
    },
  }
}

function ledgerRows(database: DatabaseSync): Pick<UsageRows, 'ledger' | 'saveLedger' | 'deleteLedger'> {
  const read = database.prepare(
    'SELECT ledger FROM ledgers WHERE token = ? AND client = ? AND artifact = ? AND epoch = ?',
  )
  const save = database.prepare('INSERT OR REPLACE INTO ledgers VALUES (?, ?, ?, ?, ?, ?)')
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
