import { DatabaseSync } from 'node:sqlite'

/** The tables as version 1 made them. */
const TABLES = `
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
PRAGMA user_version = 1;
`

/** Some use that version 1 wrote down, a day or less before `now`. */
const ROWS = `
INSERT INTO usage VALUES ('used', 2, 3, 2, 1500000, :now, :now - 5000), ('reset', 1, 0, 0, 0, :now, :now);
INSERT INTO clients VALUES
  ('used', 2, 'a', 2, :now, :now), ('used', 2, 'b', 1, :now, :now),
  ('used', 1, 'a', 9, :now, :now), ('used', 0, 'c', 9, :now, :now), ('reset', 0, 'a', 1, :now, :now);
INSERT INTO ledgers VALUES ('used', 'a', 'acme/deb/cut.deb', 2,
  '{"openedAt"::now,"size":1000000,"charges":1,"sent":400000,"covered":[[0,400000]],"underway":[],"probeDay":0,"probeBytes":0}', :now);
INSERT INTO api_keys VALUES ('k', 'ci', 'digest of k', :now);
`

/** Makes a database as version 1 left it, with these tokens (as JSON, with `slugPerm`, `owner`, `repo`, `name` and `digest`). */
export function createVersion1(file: string, now: number, tokens: readonly Version1Token[]): void {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(TABLES)
  database.exec(ROWS.replaceAll(':now', String(now)))
  const insert = database.prepare('INSERT INTO tokens VALUES (?, ?, ?, ?, 1, ?, NULL, ?)')
  for (const token of tokens) {
    insert.run(token.slugPerm, token.owner, token.repo, token.name, token.digest, JSON.stringify(token))
  }
  database.close()
}

export interface Version1Token {
  readonly slugPerm: string
  readonly owner: string
  readonly repo: string
  readonly name: string
  readonly digest: string
}
