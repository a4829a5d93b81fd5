import type { DatabaseSync } from 'node:sqlite'
import type { AccountCopy, ArchiveKind, ArchiveRecord, ArchiveTarget } from '../contract/archive.ts'
import { describeContents } from '../contents.ts'
import { createRivals } from '../rivals.ts'
import { nameOfDigest } from '../stored-key.ts'
import { createAuditInsert } from './audit.ts'
import { allRows, markUnfinished, openDatabase } from './database.ts'
import { createDeliveryInsert, createEventInsert } from './event-rows.ts'
import { guarded } from './guard.ts'
import { createHistoryPuts } from './archive-history.ts'
import type { Puts } from './archive-puts.ts'
import { DEAD_AFTER_MS } from './processes.ts'
import { createTokenIndex } from './token-index.ts'
import { createTokenChanges } from './token-rows.ts'
import { makeTokenIndex } from './tokens.ts'

/** 64 MiB instead of two: pages of indexes are touched in no order. */
const CACHE_KIB = 65_536

/**
 * Opens a database to fill it, and makes it where there is none. All is one transaction: until its end others see the database as it was;
 * one that had nothing in it is marked, so that nobody takes it for whole. @throws StoreError.
 */
export function openSqliteTarget(file: string, clock: () => number): ArchiveTarget {
  const database = openDatabase(file, 'full', 'restore')
  try {
    makeTokenIndex(database)
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
    return createTarget(database, clock)
  } catch (error) {
    database.close()
    throw error
  }
}

function createTarget(database: DatabaseSync, clock: () => number): ArchiveTarget {
  const index = createTokenIndex(database)
  const changes = createTokenChanges(database, index)
  const tokens = createRivals(async (token, deletedAt) => changes.put(token, deletedAt))
  const puts: Puts<Exclude<ArchiveKind, 'token'>> = {
    ...createAccountPut(database, clock),
    ...createEventPuts(database),
    ...createHistoryPuts(database),
  }
  return guarded({
    contents: async () => contentsOf(database),
    users: async () => countUsers(database, clock()),
    begin: async () => begin(database),
    write: async (records) => {
      for (const record of records) {
        if (record.kind === 'token') await tokens.put(record.token, record.deletedAt)
        // Which of them it is, the compiler can't follow.
        else (puts[record.kind] as (each: ArchiveRecord) => void)(record)
      }
    },
    finish: async () => {
      const rivals = await tokens.retry()
      database.exec(SEARCH_READY)
      markUnfinished(database, false)
      tellEverybody(database)
      database.exec('COMMIT')
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return rivals
    },
    close: async () => database.close(),
  })
}

function contentsOf(database: DatabaseSync): readonly string[] {
  const count = (table: string): number =>
    Number(database.prepare(`SELECT count(*) AS total FROM ${table}`).get()?.['total'])
  return describeContents({
    tokens: count('tokens'),
    apiKeys: count('api_keys'),
    webhooks: count('webhooks'),
    auditEntries: count('audit'),
    isUsed: count('usage') > 0,
  })
}

function countUsers(database: DatabaseSync, now: number): number {
  const living = database.prepare('SELECT count(*) AS total FROM processes WHERE seen_at > ?')
  return Number(living.get(now - DEAD_AFTER_MS)?.['total'])
}

function begin(database: DatabaseSync): void {
  database.exec('PRAGMA busy_timeout = 5000')
  const isEmpty = contentsOf(database).length === 0
  if (isEmpty) markUnfinished(database, true)
  try {
    database.exec('BEGIN IMMEDIATE')
  } catch (error) {
    if (isEmpty) markUnfinished(database, false)
    throw error
  }
  const tables = allRows<{ name: string }>(
    database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"),
  )
  for (const { name } of tables) if (!KEPT_TABLES.has(name)) database.exec(`DELETE FROM "${name}"`)
}

/** Every token that was taken in can be searched; what was used is to be told to searches. */
const SEARCH_READY = `
DELETE FROM search_state;
INSERT INTO search_state (is_ready) VALUES (1);
INSERT OR REPLACE INTO search_due (token, due) SELECT token, 0 FROM usage;`

/** Who lives, and the numbers of changes, which never go back. */
const KEPT_TABLES: ReadonlySet<string> = new Set(['processes', 'token_changes'])

/** A gap in the numbers of changes: whoever follows them forgets all that it knows of tokens. */
function tellEverybody(database: DatabaseSync): void {
  database.exec(
    "INSERT INTO token_changes (seq, digest) SELECT coalesce(max(seq), 0) + 2, '' FROM token_changes",
  )
}

function createAccountPut(database: DatabaseSync, clock: () => number): Puts<'account'> {
  const putUsage = database.prepare(
    `INSERT OR REPLACE INTO usage (token, epoch, downloads, clients, bytes, last_used_at, reset_at, busy_until_us)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const dropClients = database.prepare('DELETE FROM clients WHERE token = ?')
  const dropLedgers = database.prepare('DELETE FROM ledgers WHERE token = ?')
  const putClient = database.prepare(
    'INSERT INTO clients (token, epoch, client, downloads, first_at, last_at, is_counted) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const putLedger = database.prepare(
    'INSERT INTO ledgers (token, client, artifact, epoch, ledger, touched_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  return {
    account: ({ token, usage, clients: seen, ledgers }: AccountCopy) => {
      const { epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs } = usage
      putUsage.run(token, epoch, downloads, clients, bytes, lastUsedAt, resetAt, busyUntilUs)
      dropClients.run(token)
      dropLedgers.run(token)
      for (const each of seen) {
        // Here every client has a first time.
        const firstAt = each.firstAt ?? each.lastAt
        putClient.run(token, epoch, each.client, each.downloads, firstAt, each.lastAt, Number(each.isCounted))
      }
      for (const { client, artifact, ledger } of ledgers) {
        putLedger.run(token, client, artifact, epoch, JSON.stringify(ledger), clock())
      }
    },
  }
}

function createEventPuts(
  database: DatabaseSync,
): Puts<'key' | 'webhook' | 'event' | 'delivery' | 'seen' | 'refusal' | 'audit'> {
  const putKey = database.prepare(
    'INSERT OR REPLACE INTO api_keys (id, name, digest, created_at, record) VALUES (?, ?, ?, ?, ?)',
  )
  const putWebhook = database.prepare('INSERT OR REPLACE INTO webhooks (id, owner, record) VALUES (?, ?, ?)')
  const dropEvent = database.prepare('DELETE FROM outbox WHERE id = ?')
  const putEvent = createEventInsert(database)
  const dropDelivery = database.prepare('DELETE FROM deliveries WHERE id = ?')
  const putDelivery = createDeliveryInsert(database)
  const putSeen = database.prepare('INSERT OR REPLACE INTO events_seen (id, seen_at) VALUES (?, ?)')
  const putRefusal = database.prepare(
    'INSERT OR REPLACE INTO refusals (hour, token, reason, count, facts) VALUES (?, ?, ?, ?, ?)',
  )
  const putAudit = createAuditInsert(database, 'INSERT OR IGNORE')
  return {
    key: ({ key }) =>
      void putKey.run(key.id, key.name, nameOfDigest(key.digest), key.createdAt, JSON.stringify(key)),
    webhook: ({ webhook }) => void putWebhook.run(webhook.id, webhook.owner, JSON.stringify(webhook)),
    event: ({ event }) => {
      dropEvent.run(event.id)
      putEvent(event)
    },
    delivery: ({ delivery }) => {
      dropDelivery.run(delivery.id)
      putDelivery(delivery)
    },
    seen: ({ id, at }) => void putSeen.run(id, at),
    refusal: ({ refusal }) => {
      const { hour, token, reason, count } = refusal
      putRefusal.run(hour, token, reason, count, JSON.stringify(refusal))
    },
    audit: ({ entry }) => putAudit(entry),
  }
}
