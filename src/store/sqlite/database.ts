import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StoreError } from '../contract.ts'

/** How long SQLite itself may wait for another process's lock; longer waits are done without blocking, see turn-batch.ts. */
const BLOCKING_WAIT_MS = 5

const SCHEMA_VERSION = 1

const SCHEMA = `
CREATE TABLE tokens (
  slug_perm TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  repo TEXT NOT NULL,
  name TEXT NOT NULL,
  is_active INTEGER NOT NULL,
  digest TEXT NOT NULL,
  deleted_at INTEGER,
  record TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tokens_by_digest ON tokens (digest, owner, repo) WHERE deleted_at IS NULL;
CREATE INDEX tokens_by_name ON tokens (owner, repo, name, slug_perm) WHERE deleted_at IS NULL;
CREATE TABLE token_changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL) STRICT;

CREATE TABLE usage (
  token TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  downloads INTEGER NOT NULL,
  clients INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  last_used_at INTEGER,
  reset_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE clients (
  token TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  client TEXT NOT NULL,
  downloads INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (token, epoch, client)
) STRICT, WITHOUT ROWID;
CREATE TABLE ledgers (
  token TEXT NOT NULL,
  client TEXT NOT NULL,
  artifact TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  ledger TEXT NOT NULL,
  touched_at INTEGER NOT NULL,
  PRIMARY KEY (token, client, artifact)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledgers_by_touch ON ledgers (touched_at);

CREATE TABLE processes (id TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = ${SCHEMA_VERSION};
`

/**
 * Opens the database, makes its folder, file (readable by its owner only) and tables where they are missing. WAL: readers never
 * wait for the writer. `synchronous` normal keeps every commit through a crash of the process; full also through a loss of power.
 * @throws StoreError `unavailable` when it can't be opened or was made by a newer version.
 */
export function openDatabase(file: string, synchronous: 'normal' | 'full'): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    createPrivate(file)
    return prepare(new DatabaseSync(file, { timeout: 5_000 }), synchronous)
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

function prepare(database: DatabaseSync, synchronous: 'normal' | 'full'): DatabaseSync {
  try {
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
    if (mode !== 'wal') throw new Error('its file system does not support write-ahead logging')
    database.exec(`PRAGMA synchronous = ${synchronous}`)
    migrate(database)
    database.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version > SCHEMA_VERSION) throw new Error(`it was made by a newer Postern (schema ${version})`)
    if (version === 0) database.exec(SCHEMA)
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
