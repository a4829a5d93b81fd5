import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { WHOLE_OWNER } from '../../policy/owner-level.ts'
import { StoreError, type StoredToken, type TokenChange } from '../contract.ts'
import { digestsOf, STORED_TOKEN_DEFAULTS } from '../stored-token.ts'
import type { TokenIndex } from './token-index.ts'

/** Where the digest of a previous secret lies. */
export const PREVIOUS_DIGEST: string = "json_extract(record, '$.previousDigest')"

/** Writes of tokens. They belong inside a transaction. */
export interface TokenChanges {
  readonly insert: (token: StoredToken) => void
  /** Takes in a token of another store, in the place of one with its slug_perm, without a word to anybody. */
  readonly put: (token: StoredToken, deletedAt: number | null) => void
  readonly replace: (before: StoredToken, change: TokenChange) => StoredToken
  /** The same, with all of it said. */
  readonly overwrite: (before: StoredToken, after: StoredToken) => void
  readonly remove: (token: StoredToken, at: number) => void
  readonly noteFirst: (before: StoredToken, at: number) => void
  /** Writes what nobody judges or searches by. */
  readonly annotate: (after: StoredToken) => void
}

/** The writes themselves, with what tokens are searched by; each also notes the digests whose cached tokens are no longer true. */
export function createTokenChanges(database: DatabaseSync, index: TokenIndex): TokenChanges {
  const insert = database.prepare(
    'INSERT INTO tokens (slug_perm, owner, repo, name, is_active, digest, deleted_at, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const replace = database.prepare(
    'UPDATE tokens SET name = ?, is_active = ?, digest = ?, record = ? WHERE slug_perm = ?',
  )
  const annotate = database.prepare('UPDATE tokens SET record = ? WHERE slug_perm = ?')
  const remove = database.prepare('UPDATE tokens SET deleted_at = ? WHERE slug_perm = ?')
  const drop = database.prepare('DELETE FROM tokens WHERE slug_perm = ?')
  const note = database.prepare('INSERT INTO token_changes (digest) VALUES (?)')
  const readOne = createTokenReader(database)
  // What belongs to an owner shares a secret with nothing of the owner.
  const near = `owner = :owner AND (repo = :repo OR repo = '${WHOLE_OWNER}' OR :repo = '${WHOLE_OWNER}')`
  const rival = database.prepare(
    `SELECT 1 FROM tokens WHERE digest = :digest AND ${near} AND slug_perm <> :slugPerm AND deleted_at IS NULL UNION ALL
     SELECT 1 FROM tokens WHERE ${PREVIOUS_DIGEST} = :digest AND ${near} AND slug_perm <> :slugPerm AND deleted_at IS NULL`,
  )
  const noteAll = (...tokens: readonly StoredToken[]): void => {
    for (const digest of new Set(tokens.flatMap(digestsOf))) note.run(digest)
  }
  const add = (token: StoredToken, deletedAt: number | null): void => {
    const { slugPerm, owner, repo, name, isActive, digest } = token
    insert.run(slugPerm, owner, repo, name, Number(isActive), digest, deletedAt, JSON.stringify(token))
  }
  const overwrite = (before: StoredToken, after: StoredToken): void => {
    refuseRival(rival, after)
    replace.run(after.name, Number(after.isActive), after.digest, JSON.stringify(after), after.slugPerm)
    index.put(before, after)
    noteAll(before, after)
  }
  return {
    insert: (token) => {
      refuseRival(rival, token)
      add(token, null)
      index.put(undefined, token)
      noteAll(token)
    },
    put: (token, deletedAt) => {
      if (deletedAt === null) refuseRival(rival, token)
      const before = readOne(token.slugPerm)
      drop.run(token.slugPerm)
      add(token, deletedAt)
      const after = deletedAt === null ? token : undefined
      if (before !== undefined || after !== undefined) index.put(before, after)
    },
    replace: (before, change) => {
      const after: StoredToken = { ...before, ...change }
      overwrite(before, after)
      return after
    },
    overwrite,
    noteFirst: (before, at) => {
      const after = { ...before, firstDownloadAt: at }
      annotate.run(JSON.stringify(after), after.slugPerm)
      index.put(before, after)
      noteAll(after)
    },
    annotate: (after) => void annotate.run(JSON.stringify(after), after.slugPerm),
    remove: (token, at) => {
      remove.run(at, token.slugPerm)
      index.put(token, undefined)
      noteAll(token)
    },
  }
}

function refuseRival(rival: StatementSync, token: StoredToken): void {
  const { owner, repo, slugPerm } = token
  const isTaken = (digest: string): boolean => rival.get({ digest, owner, repo, slugPerm }) !== undefined
  if (!digestsOf(token).some(isTaken)) return
  throw new StoreError('conflict', 'Another token of this repository, or of its owner, has the same secret.')
}

/** Reads a token wherever it is, unless it was deleted. */
export function createTokenReader(database: DatabaseSync): (slugPerm: string) => StoredToken | undefined {
  const read = database.prepare('SELECT record FROM tokens WHERE slug_perm = ? AND deleted_at IS NULL')
  return (slugPerm) => {
    const row = read.get(slugPerm)
    return row && parseToken(row)
  }
}

/** A row's token; what an older version did not write is filled in. */
export function parseToken({ record }: Readonly<Record<string, unknown>>): StoredToken {
  return { ...STORED_TOKEN_DEFAULTS, ...(JSON.parse(String(record)) as StoredToken) }
}
