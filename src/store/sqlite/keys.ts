import type { DatabaseSync } from 'node:sqlite'
import { StoreError, type ApiKey, type Expectation, type KeyStore } from '../contract.ts'
import { FULL_KEY, nameOfDigest, pageOfKeys, withKeyUse } from '../stored-key.ts'
import type { ChangeNote } from '../contract/audit.ts'
import { refuseUnexpected } from '../expected.ts'
import { keyEntry } from '../key-entry.ts'
import type { WriteEntry } from './audit.ts'
import { allRows, firstRow } from './database.ts'
import type { Write } from './turn-batch.ts'

/** A key as it lies in the database. */
export interface KeyRow {
  readonly id: string
  readonly name: string
  /** Of a key that an earlier version stored, and nobody has changed since, the digest; else `nameOfDigest`. */
  readonly storedAs: string
  readonly createdAt: number
  /** The key as JSON; null: an earlier version stored it. */
  readonly record: string | null
}

export const KEY_COLUMNS: string =
  'SELECT id, name, digest AS storedAs, created_at AS createdAt, record FROM api_keys'

/** The keys of the management API in a SQLite store. */
export function createSqliteKeys(database: DatabaseSync, write: Write, writeEntry: WriteEntry): KeyStore {
  const byDigest = database.prepare(`${KEY_COLUMNS} WHERE digest IN (?, ?)`)
  const byId = database.prepare(`${KEY_COLUMNS} WHERE id = ?`)
  const all = database.prepare(KEY_COLUMNS)
  const insert = database.prepare(
    'INSERT INTO api_keys (id, name, digest, created_at, record) VALUES (?, ?, ?, ?, ?)',
  )
  const replace = database.prepare('UPDATE api_keys SET name = ?, digest = ?, record = ? WHERE id = ?')
  const annotate = database.prepare('UPDATE api_keys SET record = ? WHERE id = ?')
  const count = database.prepare('SELECT count(*) AS total FROM api_keys')

  const findOne = (digest: string): ApiKey | undefined => {
    const key = parseKeyRow(firstRow<KeyRow>(byDigest, digest, nameOfDigest(digest)))
    return key?.digest === digest ? key : undefined
  }
  const readOne = (id: string): ApiKey | undefined => parseKeyRow(firstRow<KeyRow>(byId, id))
  /** Inside a transaction. */
  const rewrite = (
    id: string,
    change: Partial<ApiKey>,
    note: ChangeNote | undefined,
    isExpected: Expectation<ApiKey> | undefined,
  ): ApiKey | undefined => {
    const before = readOne(id)
    if (before === undefined) return undefined
    refuseUnexpected(before, isExpected)
    if (before.revokedAt !== null) return undefined
    const after = { ...before, ...change }
    if (after.digest !== before.digest && findOne(after.digest) !== undefined) {
      throw new StoreError('conflict', 'Another key has the same secret.')
    }
    replace.run(after.name, nameOfDigest(after.digest), JSON.stringify(after), id)
    if (note !== undefined) writeEntry(keyEntry(note, before, after))
    return after
  }

  return {
    find: async (digest) => {
      const key = findOne(digest)
      return key?.revokedAt === null ? key : undefined
    },
    create: (key, note) =>
      write(() => {
        if (findOne(key.digest) !== undefined) return
        insert.run(key.id, key.name, nameOfDigest(key.digest), key.createdAt, JSON.stringify(key))
        if (note !== undefined) writeEntry(keyEntry(note, undefined, key))
      }),
    read: async (id) => readOne(id),
    list: async (query) =>
      pageOfKeys(
        allRows<KeyRow>(all).flatMap((row) => parseKeyRow(row) ?? []),
        query,
      ),
    update: (id, change, note, isExpected) => write(() => rewrite(id, change, note, isExpected)),
    revoke: (id, at, by, note, isExpected) =>
      write(() => rewrite(id, { revokedAt: at, revokedBy: by }, note, isExpected) !== undefined),
    noteUse: (uses) =>
      write(() => {
        for (const use of uses) {
          const before = findOne(use.digest)
          const after = before && withKeyUse(before, use)
          if (after !== undefined) annotate.run(JSON.stringify(after), after.id)
        }
      }),
    count: async () => Number(count.get()?.['total']),
  }
}

export function parseKeyRow(row: KeyRow | undefined): ApiKey | undefined {
  if (row === undefined) return undefined
  const { id, name, storedAs, createdAt, record } = row
  if (record === null) return { ...FULL_KEY, id, name, digest: storedAs, createdAt }
  return { ...FULL_KEY, ...(JSON.parse(record) as ApiKey) }
}
