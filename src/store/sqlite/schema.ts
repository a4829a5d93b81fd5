/** Version 1. Never changed again: databases that it made are brought up to date by what follows. */
const FIRST = `
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
`

/**
 * Version 2: rates (the state of policy/rate.ts), clients that are forgotten without forgetting their downloads, deliveries under way that
 * hold a place or have no ledger, and past epochs whose clients are still to be swept out.
 */
const MORE_LIMITS = `
ALTER TABLE usage ADD COLUMN busy_until_us INTEGER;
ALTER TABLE clients ADD COLUMN is_counted INTEGER NOT NULL DEFAULT 1;
CREATE INDEX clients_forgotten ON clients (last_at) WHERE is_counted = 0;
CREATE TABLE underway (
  token TEXT NOT NULL,
  process TEXT NOT NULL,
  reservation TEXT NOT NULL,
  holds_place INTEGER NOT NULL,
  PRIMARY KEY (token, process, reservation)
) STRICT, WITHOUT ROWID;
CREATE TABLE past_epochs (
  token TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (token, epoch)
) STRICT, WITHOUT ROWID;
INSERT INTO past_epochs
  SELECT DISTINCT clients.token, clients.epoch FROM clients JOIN usage USING (token) WHERE clients.epoch < usage.epoch;
`

/** Keys with roles, as JSON; null for those that an earlier version stored. */
const KEYS_WITH_ROLES = 'ALTER TABLE api_keys ADD COLUMN record TEXT;'

/**
 * The audit log, with what it is searched by; events that wait to be handed out and ids that were seen; webhooks, deliveries,
 * refusals of the hour, and who has which lease.
 */
const AUDIT_AND_EVENTS = `
CREATE TABLE audit (
  at INTEGER NOT NULL,
  id TEXT NOT NULL,
  owner TEXT,
  repo TEXT,
  object TEXT,
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  event TEXT NOT NULL,
  entry TEXT NOT NULL,
  PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_owner ON audit (owner, at, id);
CREATE INDEX audit_by_repo ON audit (owner, repo, at, id);
CREATE INDEX audit_by_object ON audit (object, at, id);
CREATE INDEX audit_by_actor ON audit (actor, at, id, owner, repo, event);
CREATE INDEX audit_by_actor_name ON audit (actor_name, at, id, owner, repo, event);
CREATE INDEX audit_by_event ON audit (event, at, id, owner, repo, actor, actor_name);

CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL) STRICT;
CREATE TABLE events_seen (id TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX events_seen_by_time ON events_seen (seen_at);
CREATE TABLE webhooks (id TEXT PRIMARY KEY, owner TEXT NOT NULL, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE deliveries (
  id TEXT PRIMARY KEY,
  webhook TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook, created_at, id);
CREATE INDEX deliveries_by_state ON deliveries (state, due_at);
CREATE TABLE refusals (
  hour INTEGER NOT NULL,
  token TEXT NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  facts TEXT NOT NULL,
  PRIMARY KEY (hour, token, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

/** Batches of traffic that were counted, so that none is counted twice. */
const BATCHES = `
CREATE TABLE batches (id TEXT PRIMARY KEY, made_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX batches_by_age ON batches (made_at);
`

/**
 * History. `hours` of a row of usage is how long its span is, 1 or 24; `clients` a sketch (distinct-clients.ts). Names and versions
 * that can't be told are empty.
 */
const HISTORY = `
CREATE TABLE history_usage (
  token TEXT NOT NULL,
  hours INTEGER NOT NULL,
  start INTEGER NOT NULL,
  downloads INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  refusals TEXT NOT NULL,
  clients TEXT NOT NULL,
  PRIMARY KEY (token, hours, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_usage_by_age ON history_usage (hours, start);
CREATE TABLE history_packages (
  token TEXT NOT NULL,
  repository TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  filename TEXT NOT NULL,
  format TEXT NOT NULL,
  token_name TEXT NOT NULL,
  downloads INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (token, repository, name, version, filename)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_packages_by_name ON history_packages (repository, name, version);
CREATE INDEX history_packages_by_age ON history_packages (last_at);
CREATE TABLE history_package_days (
  repository TEXT NOT NULL,
  day INTEGER NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  filename TEXT NOT NULL,
  downloads INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (repository, day, name, version, filename)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_package_days_by_age ON history_package_days (day);
CREATE TABLE history_downloads (
  repository TEXT NOT NULL,
  at INTEGER NOT NULL,
  id TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (repository, at, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE history_writers (writer TEXT PRIMARY KEY, number INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

/**
 * What tokens are searched by; all of it is made from `tokens` and `usage`, and can be made again from them. See store/search/.
 * - `search_sets`, `search_entries`: the ordered sets of search/sets.ts
 * - `search_blocks`: each set in stretches of up to some thousand entries: the first entry of each, and how many there are
 * - `search_facts`: a row for each token that can be searched: its number, facts and use (policy/search/facts.ts)
 * - `search_bits`: the bits of search/slots.ts, 4096 numbers in a row; `search_free`: numbers that nobody has any more
 * - `search_due`: tokens of whose use searches are to be told, from when on
 * - `search_state`: whether every token has its row
 */
const SEARCH = `
CREATE TABLE search_sets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE search_entries (
  set_id INTEGER NOT NULL,
  value ANY NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (set_id, value, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_blocks (
  set_id INTEGER NOT NULL,
  value ANY NOT NULL,
  id TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (set_id, value, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_facts (
  id TEXT PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  facts TEXT NOT NULL,
  usage TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE search_bits (
  slot INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  bits BLOB NOT NULL,
  PRIMARY KEY (slot, chunk)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_free (number INTEGER PRIMARY KEY) STRICT;
CREATE TABLE search_due (token TEXT PRIMARY KEY, due INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX search_due_by_time ON search_due (due);
INSERT INTO search_due SELECT token, 0 FROM usage;
CREATE TABLE search_state (is_ready INTEGER NOT NULL) STRICT;
INSERT INTO search_state SELECT NOT EXISTS (SELECT 1 FROM tokens WHERE deleted_at IS NULL);
`

/** Whether every token has the bits of its metadata, which version 7 did not write. */
const BITS_OF_METADATA = `
ALTER TABLE search_state ADD COLUMN knows_pairs INTEGER NOT NULL DEFAULT 0;
UPDATE search_state SET knows_pairs = NOT EXISTS (SELECT 1 FROM tokens WHERE deleted_at IS NULL);
`

/** What brings a database from each version (0: empty) to the next. */
export const MIGRATIONS: readonly string[] = [
  FIRST,
  MORE_LIMITS,
  KEYS_WITH_ROLES,
  AUDIT_AND_EVENTS,
  BATCHES,
  HISTORY,
  SEARCH,
  BITS_OF_METADATA,
]
