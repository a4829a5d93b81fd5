import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  StoreError,
  type StoredToken,
  type TokenChange,
  type TokenQuery,
  type TokenStore,
} from '../contract.ts'
import { allRows, firstRow } from './database.ts'
import type { Write } from './turn-batch.ts'

interface TokenRow {
  readonly slug_perm: string
  readonly record: string
}

/** The tokens of a SQLite store. `changed` is called after a commit that changed one. */
export function createSqliteTokens(
  database: DatabaseSync,
  write: Write,
  watch: TokenStore['watch'],
  changed: () => void,
): TokenStore {
  const find = database.prepare(
    'SELECT record FROM tokens WHERE digest = ? AND deleted_at IS NULL ORDER BY slug_perm',
  )
  const read = database.prepare(
    'SELECT record FROM tokens WHERE slug_perm = ? AND owner = ? AND repo = ? AND deleted_at IS NULL',
  )
  const changes = createChanges(database)
  // SQLite's own lower() knows ASCII only.
  database.function('fold', { deterministic: true }, (text) => String(text).toLowerCase())

  const readOne = (owner: string, repo: string, slugPerm: string): StoredToken | undefined => {
    const row = firstRow<TokenRow>(read, slugPerm, owner, repo)
    return row && parseToken(row)
  }
  const apply = async <Result>(change: () => Result): Promise<Result> => {
    const result = await write(change)
    changed()
    return result
  }

  return {
    find: async (digest) => allRows<TokenRow>(find, digest).map(parseToken),
    read: async (owner, repo, slugPerm) => readOne(owner, repo, slugPerm),
    list: async (query) => list(database, query),
    create: (token) => apply(() => changes.insert(token)),
    update: (owner, repo, slugPerm, change) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        return before && changes.replace(before, change)
      }),
    delete: (owner, repo, slugPerm, at) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        if (before !== undefined) changes.remove(before, at)
        return before !== undefined
      }),
    watch,
  }
}

interface Changes {
  readonly insert: (token: StoredToken) => void
  readonly replace: (before: StoredToken, change: TokenChange) => StoredToken
  readonly remove: (token: StoredToken, at: number) => void
}

/** The writes themselves; each also notes the digests whose cached tokens are no longer true. */
function createChanges(database: DatabaseSync): Changes {
  const insert = database.prepare(
    'INSERT INTO tokens (slug_perm, owner, repo, name, is_active, digest, record) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const replace = database.prepare(
    'UPDATE tokens SET name = ?, is_active = ?, digest = ?, record = ? WHERE slug_perm = ?',
  )
  const remove = database.prepare('UPDATE tokens SET deleted_at = ? WHERE slug_perm = ?')
  const note = database.prepare('INSERT INTO token_changes (digest) VALUES (?)')
  const rival = database.prepare(
    'SELECT slug_perm FROM tokens WHERE digest = ? AND owner = ? AND repo = ? AND slug_perm <> ? AND deleted_at IS NULL',
  )
  return {
    insert: (token) => {
      refuseRival(rival, token)
      const { slugPerm, owner, repo, name, isActive, digest } = token
      insert.run(slugPerm, owner, repo, name, Number(isActive), digest, JSON.stringify(token))
      note.run(digest)
    },
    replace: (before, change) => {
      const after: StoredToken = { ...before, ...change }
      refuseRival(rival, after)
      replace.run(after.name, Number(after.isActive), after.digest, JSON.stringify(after), after.slugPerm)
      note.run(before.digest)
      if (after.digest !== before.digest) note.run(after.digest)
      return after
    },
    remove: (token, at) => {
      remove.run(at, token.slugPerm)
      note.run(token.digest)
    },
  }
}

function refuseRival(rival: StatementSync, { digest, owner, repo, slugPerm }: StoredToken): void {
  if (rival.get(digest, owner, repo, slugPerm) === undefined) return
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
  const total = Number(database.prepare(`SELECT count(*) AS total ${filter}`).get(values)?.['total'])
  const page = database.prepare(
    `SELECT record ${filter} ORDER BY name ${direction}, slug_perm ${direction} LIMIT :limit OFFSET :offset`,
  )
  const rows = page.all({ ...values, limit: query.pageSize, offset: (query.page - 1) * query.pageSize })
  return { total, tokens: rows.map((row) => parseToken({ slug_perm: '', record: String(row['record']) })) }
}

function parseToken(row: TokenRow): StoredToken {
  return JSON.parse(row.record) as StoredToken
}
