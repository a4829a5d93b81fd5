import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StoreError } from '../contract.ts'
import { RESTORE_AGAIN } from '../unfinished.ts'
import { MIGRATIONS } from './schema.ts'

/** How long SQLite itself may wait for another process's lock; longer waits are done without blocking, see turn-batch.ts. */
const BLOCKING_WAIT_MS = 5
/** How long the opening of a database may wait for other processes that open it too. */
const OPENING_WAIT_MS = 10_000
/** Between two attempts to open it. */
const RETRY_MS = 10
const MOST_ATTEMPTS = OPENING_WAIT_MS / RETRY_MS
/**
 * Pages of 4 KB that the log collects before they are brought into the file, which takes two waits for the disk: what is written again and again
 * is brought there once. Four times SQLite's own: with many tokens in use it had no time for anything else.
 */
const CHECKPOINT_PAGES = 4_000
const SQLITE_BUSY = 5
/** Stands in the header of a database that a restore began to fill: "PoRs". */
const UNFINISHED = 0x506f5273

/**
 * Opens the database, makes its folder, file (readable by its owner only) and tables where they are missing, and brings those of an
 * older version up to date. WAL: readers never
 * wait for the writer. `synchronous` normal keeps every commit through a crash of the process; full also through a loss of power.
 * @throws StoreError `unavailable` when it can't be opened, was made by a newer version, or is half restored and not opened to restore it.
 */
export function openDatabase(
  file: string,
  synchronous: 'normal' | 'full',
  purpose: 'use' | 'restore' = 'use',
): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    createPrivate(file)
    return prepare(new DatabaseSync(file, { timeout: OPENING_WAIT_MS }), synchronous, purpose)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('unavailable', `The database ${file} could not be opened: ${reason}`, { cause })
  }
}

/** SQLite gives the files beside the database the same mode. */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    // Never opened when it exists: closing it again would drop the locks of another store of this process on it.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

function prepare(
  database: DatabaseSync,
  synchronous: 'normal' | 'full',
  purpose: 'use' | 'restore',
): DatabaseSync {
  try {
    if (writeAhead(database) !== 'wal') {
      throw new Error('its file system does not support write-ahead logging')
    }
    database.exec(`PRAGMA synchronous = ${synchronous}`)
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    if (purpose === 'use') refuseUnfinished(database)
    migrate(database)
    database.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`)
    // For searches: SQLite's own lower() knows ASCII only.
    database.function('fold', { deterministic: true }, (text) => String(text).toLowerCase())
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Turns write-ahead logging on; the journal's mode afterwards. Where two processes do this to a new file at once, each may stand in the
 * other's way: SQLite then refuses at once, whatever its timeout, and one of them has to begin again.
 */
function writeAhead(database: DatabaseSync): unknown {
  for (let attempt = 1; ; attempt++) {
    try {
      return database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    } catch (error) {
      if (!isBusy(error) || attempt === MOST_ATTEMPTS) throw error
    }
    sleep(RETRY_MS)
  }
}

/** Holds the thread: nothing is served before the database is open. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Says in the header whether a restore is not done with the database. */
export function markUnfinished(database: DatabaseSync, isUnfinished: boolean): void {
  database.exec(`PRAGMA application_id = ${isUnfinished ? UNFINISHED : 0}`)
}

/** @throws Error when a restore began to fill the database. */
export function refuseUnfinished(database: DatabaseSync): void {
  const mark = Number(database.prepare('PRAGMA application_id').get()?.['application_id'])
  if (mark === UNFINISHED) throw new Error(RESTORE_AGAIN)
}

function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version > MIGRATIONS.length) throw new Error(`it was made by a newer Postern (schema ${version})`)
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration)
    if (version < MIGRATIONS.length) database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** First row of a query on our own tables, whose STRICT columns give `Row` its types. */
export function firstRow<Row>(statement: StatementSync, ...values: SQLInputValue[]): Row | undefined {
  return statement.get(...values) as Row | undefined
}

/** All rows of a query on our own tables. */
export function allRows<Row>(statement: StatementSync, ...values: SQLInputValue[]): Row[] {
  return statement.all(...values) as Row[]
}

/**
 * A page of a list on our own tables, and how long the list is. `from` is SQL for all of it, `select` for the rows that stand between
 * `:limit` and `:offset`; both know the values. `page` counts from 1.
 */
export function readPage<Row>(
  database: DatabaseSync,
  { page, pageSize }: { readonly page: number; readonly pageSize: number },
  { from, select, values }: { from: string; select: string; values: Record<string, SQLInputValue> },
): { readonly total: number; readonly rows: readonly Row[] } {
  const total = Number(database.prepare(`SELECT count(*) AS total ${from}`).get(values)?.['total'])
  const bounds = { limit: pageSize, offset: (page - 1) * pageSize }
  return { total, rows: database.prepare(select).all({ ...values, ...bounds }) as Row[] }
}

/** True when another process has the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
}
