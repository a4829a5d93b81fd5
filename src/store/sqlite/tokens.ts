import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  StoreError,
  type SecretUse,
  type StoredToken,
  type TokenChange,
  type TokenQuery,
  type TokenStore,
} from '../contract.ts'
import { tokenEntry } from '../audit-entry.ts'
import type { ChangeNote } from '../contract/audit.ts'
import { STORED_TOKEN_DEFAULTS } from '../stored-token.ts'
import type { WriteEntry } from './audit.ts'
import { readPage } from './database.ts'
import type { Write } from './turn-batch.ts'

/** Where the digest of a previous secret lies. The index is made here because older databases have none. */
const PREVIOUS_DIGEST = "json_extract(record, '$.previousDigest')"
const PREVIOUS_INDEX = `CREATE INDEX IF NOT EXISTS tokens_by_previous_digest ON tokens (${PREVIOUS_DIGEST})
  WHERE deleted_at IS NULL AND ${PREVIOUS_DIGEST} IS NOT NULL`
/** Another process may be making the same index. */
const INDEX_WAIT_MS = 5_000

/** The tokens of a SQLite store. `changed` is called after a commit that changed one. */
export function createSqliteTokens(
  database: DatabaseSync,
  write: Write,
  writeEntry: WriteEntry,
  watch: TokenStore['watch'],
  changed: () => void,
): TokenStore {
  makeIndex(database)
  const find = database.prepare(
    `SELECT slug_perm, record FROM tokens WHERE digest = :digest AND deleted_at IS NULL UNION
     SELECT slug_perm, record FROM tokens WHERE ${PREVIOUS_DIGEST} = :digest AND deleted_at IS NULL ORDER BY slug_perm`,
  )
  const read = database.prepare(
    'SELECT record FROM tokens WHERE slug_perm = ? AND owner = ? AND repo = ? AND deleted_at IS NULL',
  )
  const walk = database.prepare(
    `SELECT record FROM tokens WHERE owner = ? AND repo = ? AND deleted_at IS NULL AND (name, slug_perm) > (?, ?)
       ORDER BY name, slug_perm LIMIT ?`,
  )
  const changes = createChanges(database)

  const readOne = (owner: string, repo: string, slugPerm: string): StoredToken | undefined => {
    const row = read.get(slugPerm, owner, repo)
    return row && parseToken(row)
  }
  const apply = async <Result>(change: () => Result): Promise<Result> => {
    const result = await write(change)
    changed()
    return result
  }
  const note = (
    about: ChangeNote | undefined,
    before: StoredToken | undefined,
    after?: StoredToken,
  ): void => {
    if (about !== undefined) writeEntry(tokenEntry(about, before, after))
  }

  return {
    find: async (digest) => find.all({ digest }).map(parseToken),
    read: async (owner, repo, slugPerm) => readOne(owner, repo, slugPerm),
    list: async (query) => list(database, query),
    walk: async (owner, repo, after, limit) =>
      walk.all(owner, repo, after?.name ?? '', after?.slugPerm ?? '', limit).map(parseToken),
    create: (token, about) =>
      apply(() => {
        changes.insert(token)
        note(about, undefined, token)
      }),
    update: (owner, repo, slugPerm, change, about) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        if (before === undefined) return undefined
        const after = changes.replace(before, change)
        note(about, before, after)
        return after
      }),
    delete: (owner, repo, slugPerm, at, about) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        if (before === undefined) return false
        changes.remove(before, at)
        note(about, before)
        return true
      }),
    noteFirstDownload: (owner, repo, slugPerm, at) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        if (before?.firstDownloadAt === null) changes.annotate({ ...before, firstDownloadAt: at }, true)
      }),
    noteUse: (uses) =>
      write(() => {
        for (const use of uses) {
          const before = readOne(use.owner, use.repo, use.slugPerm)
          const after = before && withUse(before, use)
          if (after !== undefined) changes.annotate(after, false)
        }
      }),
    watch,
  }
}

/** undefined: there is nothing to note. */
function withUse(token: StoredToken, { digest, at }: SecretUse): StoredToken | undefined {
  const noted =
    digest === token.digest ? 'secretUsedAt' : digest === token.previousDigest ? 'previousSecretUsedAt' : null
  return noted !== null && at > (token[noted] ?? -Infinity) ? { ...token, [noted]: at } : undefined
}

function makeIndex(database: DatabaseSync): void {
  const usual = Number(database.prepare('PRAGMA busy_timeout').get()?.['timeout'])
  database.exec(`PRAGMA busy_timeout = ${INDEX_WAIT_MS}`)
  database.exec(PREVIOUS_INDEX)
  database.exec(`PRAGMA busy_timeout = ${usual}`)
}

interface Changes {
  readonly insert: (token: StoredToken) => void
  readonly replace: (before: StoredToken, change: TokenChange) => StoredToken
  readonly remove: (token: StoredToken, at: number) => void
  /** Writes what changes nothing about its name, secrets and state; `isNews`: cached copies are no longer true. */
  readonly annotate: (after: StoredToken, isNews: boolean) => void
}

/** The writes themselves; each also notes the digests whose cached tokens are no longer true. */
function createChanges(database: DatabaseSync): Changes {
  const insert = database.prepare(
    'INSERT INTO tokens (slug_perm, owner, repo, name, is_active, digest, record) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const replace = database.prepare(
    'UPDATE tokens SET name = ?, is_active = ?, digest = ?, record = ? WHERE slug_perm = ?',
  )
  const annotate = database.prepare('UPDATE tokens SET record = ? WHERE slug_perm = ?')
  const remove = database.prepare('UPDATE tokens SET deleted_at = ? WHERE slug_perm = ?')
  const note = database.prepare('INSERT INTO token_changes (digest) VALUES (?)')
  const rival = database.prepare(
    `SELECT 1 FROM tokens WHERE digest = :digest AND owner = :owner AND repo = :repo AND slug_perm <> :slugPerm
       AND deleted_at IS NULL UNION ALL
     SELECT 1 FROM tokens WHERE ${PREVIOUS_DIGEST} = :digest AND owner = :owner AND repo = :repo AND slug_perm <> :slugPerm
       AND deleted_at IS NULL`,
  )
  const noteAll = (...tokens: readonly StoredToken[]): void => {
    for (const digest of new Set(tokens.flatMap(digestsOf))) note.run(digest)
  }
  return {
    insert: (token) => {
      refuseRival(rival, token)
      const { slugPerm, owner, repo, name, isActive, digest } = token
      insert.run(slugPerm, owner, repo, name, Number(isActive), digest, JSON.stringify(token))
      noteAll(token)
    },
    replace: (before, change) => {
      const after: StoredToken = { ...before, ...change }
      refuseRival(rival, after)
      replace.run(after.name, Number(after.isActive), after.digest, JSON.stringify(after), after.slugPerm)
      noteAll(before, after)
      return after
    },
    annotate: (after, isNews) => {
      annotate.run(JSON.stringify(after), after.slugPerm)
      if (isNews) noteAll(after)
    },
    remove: (token, at) => {
      remove.run(at, token.slugPerm)
      noteAll(token)
    },
  }
}

function digestsOf({ digest, previousDigest }: StoredToken): string[] {
  return previousDigest === null ? [digest] : [digest, previousDigest]
}

function refuseRival(rival: StatementSync, token: StoredToken): void {
  const { owner, repo, slugPerm } = token
  const isTaken = (digest: string): boolean => rival.get({ digest, owner, repo, slugPerm }) !== undefined
  if (!digestsOf(token).some(isTaken)) return
  throw new StoreError('conflict', 'Another token of this repository has the same secret.')
}

function list(database: DatabaseSync, query: TokenQuery): { total: number; tokens: StoredToken[] } {
  const filter = `FROM tokens WHERE owner = :owner AND repo = :repo AND deleted_at IS NULL
    AND (is_active = 1 OR :all = 1) AND (:search = '' OR slug_perm = :search OR instr(fold(name), fold(:search)) > 0)`
  const direction = query.descending ? 'DESC' : 'ASC'
  const values = {
    owner: query.owner,
    repo: query.repo,
    all: Number(!query.activeOnly),
    search: query.search ?? '',
  }
  const { total, rows } = readPage<{ readonly record: string }>(database, query, {
    from: filter,
    select: `SELECT record ${filter} ORDER BY name ${direction}, slug_perm ${direction} LIMIT :limit OFFSET :offset`,
    values,
  })
  return { total, tokens: rows.map(parseToken) }
}

function parseToken({ record }: Readonly<Record<string, unknown>>): StoredToken {
  return { ...STORED_TOKEN_DEFAULTS, ...(JSON.parse(String(record)) as StoredToken) }
}
