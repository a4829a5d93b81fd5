import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isSpent, type Ledger } from '../../policy/ledger.ts'
import { StoreError } from '../contract.ts'
import type {
  AccountCopy,
  ArchiveRecord,
  ArchiveSource,
  ClientCopy,
  DownloaderCopy,
  PackageCopy,
  PackageDayCopy,
  RepositoryPackageCopy,
} from '../contract/archive.ts'
import type { AuditEntry } from '../contract/audit.ts'
import type { EventDelivery, EventRecord, RefusalCount, Webhook } from '../contract/events.ts'
import { readLine } from '../download-lines.ts'
import { settledLedger } from '../settled-ledger.ts'
import { allRows, refuseUnfinished } from './database.ts'
import { guarded } from './guard.ts'
import { parseKeyRow, KEY_COLUMNS, type KeyRow } from './keys.ts'
import { MIGRATIONS } from './schema.ts'
import { parseToken } from './token-rows.ts'
import { fromRow, type UsageRow } from './usage-rows.ts'

const AT_ONCE = 200
const WAIT_MS = 5_000

/**
 * Opens a database to read it as a whole, as it is at one instant, while others write to it. Changes nothing.
 * @throws StoreError `unavailable` when there is none, or one of another version.
 */
export function openSqliteSource(file: string, clock: () => number): ArchiveSource {
  if (!existsSync(file)) throw new StoreError('unavailable', `There is no database at ${file}.`)
  const database = new DatabaseSync(file, { timeout: WAIT_MS })
  try {
    refuseUnfinished(database)
    refuseOther(database, file)
    // The instant begins at the first read; it is given up when the database is closed.
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM tokens').get()
  } catch (error) {
    database.close()
    throw error instanceof StoreError ? error : unreadable(file, error)
  }
  return {
    count: async () => countAll(database),
    read: () => inBatches(readAll(database, clock())),
    close: async () => database.close(),
  }
}

function refuseOther(database: DatabaseSync, file: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version === MIGRATIONS.length) return
  const advice =
    version > MIGRATIONS.length
      ? 'it was made by a newer Postern: use that one'
      : 'an older Postern made it: start this one on it once, or use the older one'
  throw new StoreError(
    'unavailable',
    `The database ${file} has schema ${version}, not ${MIGRATIONS.length}: ${advice}.`,
  )
}

function unreadable(file: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreError('unavailable', `The database ${file} can't be read: ${reason}`, { cause })
}

const TABLES = [
  'usage',
  'tokens',
  'api_keys',
  'webhooks',
  'outbox',
  'deliveries',
  'events_seen',
  'refusals',
  'audit',
  'history_usage',
  // Once for the token, once for the package.
  'history_packages',
  'history_packages',
  'history_package_days',
  'history_downloads',
] as const

function countAll(database: DatabaseSync): number {
  const counts = TABLES.map((table) =>
    Number(database.prepare(`SELECT count(*) AS total FROM ${table}`).get()?.['total']),
  )
  return counts.reduce((sum, each) => sum + each, 0)
}

async function* inBatches(
  records: Generator<ArchiveRecord, void, void>,
): AsyncGenerator<readonly ArchiveRecord[], void, void> {
  const { read } = guarded({ read: async () => nextOf(records) })
  for (let batch = await read(); batch.length > 0; batch = await read()) yield batch
}

/** The next ones; none at the end. */
function nextOf(records: Iterator<ArchiveRecord, void>): readonly ArchiveRecord[] {
  const batch: ArchiveRecord[] = []
  while (batch.length < AT_ONCE) {
    const { done, value } = records.next()
    if (done === true) break
    batch.push(value)
  }
  return batch
}

/** Accounts before tokens: who finds a token in a store that is being filled finds its counters, too. */
function* readAll(database: DatabaseSync, now: number): Generator<ArchiveRecord, void, void> {
  yield* readAccounts(database, now)
  for (const row of rowsOf<TokenRow>(database, 'SELECT record, deleted_at FROM tokens ORDER BY slug_perm')) {
    yield { kind: 'token', token: parseToken(row), deletedAt: row.deleted_at }
  }
  for (const row of rowsOf<KeyRow>(database, `${KEY_COLUMNS} ORDER BY id`)) {
    const key = parseKeyRow(row)
    if (key !== undefined) yield { kind: 'key', key }
  }
  yield* readEvents(database)
  yield* readHistory(database)
}

interface TokenRow {
  readonly [column: string]: unknown
  readonly record: string
  readonly deleted_at: number | null
}

function* rowsOf<Row>(database: DatabaseSync, sql: string): Generator<Row, void, void> {
  for (const row of database.prepare(sql).iterate()) yield row as Row
}

function* readAccounts(database: DatabaseSync, now: number): Generator<AccountCopy, void, void> {
  const clients = database.prepare(
    `SELECT client, downloads, first_at AS firstAt, last_at AS lastAt, is_counted AS isCounted FROM clients
     WHERE token = ? AND epoch = ?`,
  )
  const ledgers = database.prepare(
    'SELECT client, artifact, ledger FROM ledgers WHERE token = ? AND epoch = ?',
  )
  for (const row of rowsOf<UsageRow & { token: string }>(database, 'SELECT * FROM usage')) {
    const { token, epoch } = row
    const seen = allRows<Omit<ClientCopy, 'isCounted'> & { isCounted: number }>(clients, token, epoch)
    const open = allRows<{ client: string; artifact: string; ledger: string }>(ledgers, token, epoch)
    yield {
      kind: 'account',
      token,
      usage: fromRow(row),
      clients: seen.map((client) => ({ ...client, isCounted: client.isCounted === 1 })),
      ledgers: open.flatMap(({ client, artifact, ledger: text }) => {
        const ledger = settledLedger(JSON.parse(text) as Ledger)
        return isSpent(ledger, now) ? [] : [{ client, artifact, ledger }]
      }),
    }
  }
}

function* readEvents(database: DatabaseSync): Generator<ArchiveRecord, void, void> {
  const texts = function* <Value>(column: string, from: string): Generator<Value, void, void> {
    const rows = rowsOf<{ text: string }>(database, `SELECT ${column} AS text FROM ${from}`)
    for (const { text } of rows) yield JSON.parse(text) as Value
  }
  for (const webhook of texts<Webhook>('record', 'webhooks')) yield { kind: 'webhook', webhook }
  for (const event of texts<EventRecord>('event', 'outbox ORDER BY seq')) yield { kind: 'event', event }
  for (const delivery of texts<EventDelivery>('record', 'deliveries')) yield { kind: 'delivery', delivery }
  const seen = rowsOf<{ id: string; at: number }>(database, 'SELECT id, seen_at AS at FROM events_seen')
  for (const { id, at } of seen) yield { kind: 'seen', id, at }
  const refusals = rowsOf<{ count: number; facts: string }>(database, 'SELECT count, facts FROM refusals')
  for (const { count, facts } of refusals) {
    yield { kind: 'refusal', refusal: { ...(JSON.parse(facts) as RefusalCount), count } }
  }
  for (const entry of texts<AuditEntry>('entry', 'audit ORDER BY at, id')) yield { kind: 'audit', entry }
}

interface BucketRow {
  readonly token: string
  readonly hours: number
  readonly start: number
  readonly downloads: number
  readonly bytes: number
  readonly refusals: string
  readonly clients: string
}

const FILE = 'repository, name, version, filename'
const TIMES = 'first_at AS firstAt, last_at AS lastAt'

function* readHistory(database: DatabaseSync): Generator<ArchiveRecord, void, void> {
  for (const { hours, ...row } of rowsOf<BucketRow>(database, 'SELECT * FROM history_usage')) {
    const refusals = JSON.parse(row.refusals) as Record<string, number>
    yield { kind: 'bucket', ...row, span: hours === 1 ? 'hour' : 'day', refusals }
  }
  const packages = `SELECT token, ${FILE}, format, downloads, bytes, ${TIMES} FROM history_packages`
  for (const row of rowsOf<Omit<PackageCopy, 'kind'>>(database, packages)) yield { kind: 'package', ...row }
  const sums = `SELECT ${FILE}, max(format) AS format, sum(downloads) AS downloads, sum(bytes) AS bytes,
    min(first_at) AS firstAt, max(last_at) AS lastAt FROM history_packages GROUP BY ${FILE}`
  for (const row of rowsOf<Omit<RepositoryPackageCopy, 'kind'>>(database, sums)) {
    yield { kind: 'repository-package', ...row }
  }
  const downloaders = `SELECT token, token_name AS tokenName, ${FILE}, downloads, bytes, ${TIMES} FROM history_packages`
  for (const row of rowsOf<Omit<DownloaderCopy, 'kind'>>(database, downloaders)) {
    yield { kind: 'downloader', ...row }
  }
  const days = `SELECT ${FILE}, day, downloads, bytes FROM history_package_days`
  for (const row of rowsOf<Omit<PackageDayCopy, 'kind'>>(database, days))
    yield { kind: 'package-day', ...row }
  const log = rowsOf<LogRow>(database, 'SELECT repository, at, id, line FROM history_downloads')
  for (const { repository, at, id, line } of log) {
    yield { kind: 'download', download: readLine(line, repository, at, id) }
  }
}

interface LogRow {
  readonly repository: string
  readonly at: number
  readonly id: string
  readonly line: string
}
