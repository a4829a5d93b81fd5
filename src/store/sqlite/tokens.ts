import type { DatabaseSync } from 'node:sqlite'
import type { SecretUse, StoredToken, TokenStore, TokenSync } from '../contract.ts'
import { tokenEntry } from '../audit-entry.ts'
import type { ChangeNote } from '../contract/audit.ts'
import { refuseUnexpected } from '../expected.ts'
import { planSync, syncEntries } from '../sync-entries.ts'
import type { WriteEntry } from './audit.ts'
import { createBatch } from './token-batch.ts'
import type { TokenIndex } from './token-index.ts'
import { createTokenChanges, parseToken, PREVIOUS_DIGEST, type TokenChanges } from './token-rows.ts'
import type { Write } from './turn-batch.ts'

/** Made here because older databases have none. */
const PREVIOUS_INDEX = `CREATE INDEX IF NOT EXISTS tokens_by_previous_digest ON tokens (${PREVIOUS_DIGEST})
  WHERE deleted_at IS NULL AND ${PREVIOUS_DIGEST} IS NOT NULL`
/** Another process may be making the same index. */
const INDEX_WAIT_MS = 5_000

export interface SqliteTokensOptions {
  readonly database: DatabaseSync
  readonly write: Write
  readonly writeEntry: WriteEntry
  readonly index: TokenIndex
  readonly list: TokenStore['list']
  readonly watch: TokenStore['watch']
  /** Called after a commit that changed a token. */
  readonly changed: () => void
}

/** The tokens of a SQLite store. */
export function createSqliteTokens(options: SqliteTokensOptions): TokenStore {
  const { database, write, writeEntry, index, list, watch, changed } = options
  makeTokenIndex(database)
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
  const changes = createTokenChanges(database, index)
  const carryOut = createBatch(database, changes, writeEntry)

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
    list,
    walk: async (owner, repo, after, limit) =>
      walk.all(owner, repo, after?.name ?? '', after?.slugPerm ?? '', limit).map(parseToken),
    create: (token, about) =>
      apply(() => {
        changes.insert(token)
        note(about, undefined, token)
      }),
    update: (owner, repo, slugPerm, change, about, isExpected) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        if (before === undefined) return undefined
        refuseUnexpected(before, isExpected)
        const after = changes.replace(before, change)
        note(about, before, after)
        return after
      }),
    delete: (owner, repo, slugPerm, at, about, isExpected) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        if (before === undefined) return false
        refuseUnexpected(before, isExpected)
        changes.remove(before, at)
        note(about, before)
        return true
      }),
    sync: (sync) =>
      apply(() => {
        const [source, target] = [sync.source, sync.target].map(({ owner, repo }) =>
          walk.all(owner, repo, '', '', sync.most + 1).map(parseToken),
        )
        return replaceAll(changes, writeEntry, sync, source ?? [], target ?? [])
      }),
    batch: (batch) => apply(() => carryOut(batch)),
    noteFirstDownload: (owner, repo, slugPerm, at) =>
      apply(() => {
        const before = readOne(owner, repo, slugPerm)
        if (before?.firstDownloadAt === null) changes.noteFirst(before, at)
      }),
    noteUse: (uses) =>
      write(() => {
        for (const use of uses) {
          const before = readOne(use.owner, use.repo, use.slugPerm)
          const after = before && withUse(before, use)
          if (after !== undefined) changes.annotate(after)
        }
      }),
    noteUsed: (tokens) =>
      write(() => {
        for (const token of tokens) index.rows.noteDue(token, 0)
      }),
    refreshUsage: (now, most) => write(() => index.refreshUsage(now, most)),
    watch,
  }
}

/** undefined: there is nothing to note. */
function withUse(token: StoredToken, { digest, at }: SecretUse): StoredToken | undefined {
  const noted =
    digest === token.digest ? 'secretUsedAt' : digest === token.previousDigest ? 'previousSecretUsedAt' : null
  return noted !== null && at > (token[noted] ?? -Infinity) ? { ...token, [noted]: at } : undefined
}

/** So that a token is found by its previous secret. Outside of transactions. */
export function makeTokenIndex(database: DatabaseSync): void {
  const usual = Number(database.prepare('PRAGMA busy_timeout').get()?.['timeout'])
  database.exec(`PRAGMA busy_timeout = ${INDEX_WAIT_MS}`)
  database.exec(PREVIOUS_INDEX)
  database.exec(`PRAGMA busy_timeout = ${usual}`)
}

/** Refuses before anything is written. */
function replaceAll(
  changes: TokenChanges,
  writeEntry: WriteEntry,
  sync: TokenSync,
  source: readonly StoredToken[],
  target: readonly StoredToken[],
): readonly StoredToken[] | undefined {
  const planned = planSync(sync, source, target)
  if (planned === undefined) return undefined
  for (const token of target) changes.remove(token, sync.at)
  for (const token of planned) changes.insert(token)
  for (const entry of syncEntries(sync, target, planned)) writeEntry(entry)
  return planned
}
