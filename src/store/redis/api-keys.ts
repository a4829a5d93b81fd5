import { StoreError, type ApiKey, type Expectation, type KeyStore } from '../contract.ts'
import type { AuditEntry, ChangeNote } from '../contract/audit.ts'
import { refuseUnexpected } from '../expected.ts'
import { keyEntry } from '../key-entry.ts'
import { FULL_KEY, nameOfDigest, pageOfKeys, withKeyUse } from '../stored-key.ts'
import type { StoredOptions } from './apply.ts'
import { changeWrites } from './audit-writes.ts'
import { rewrite } from './rewrite.ts'
import type { Check, Write } from './writes.ts'

/** A key as it lies in the hash. */
export interface FoundKey {
  /** `nameOfDigest`, or its digest while it is as an earlier version stored it. */
  readonly field: string
  readonly text: string
  readonly key: ApiKey
}

/** What becomes of a key. */
interface Wanted {
  readonly after: ApiKey
  readonly field: string
  /** Written along with it. */
  readonly entry: AuditEntry | undefined
}

/** Keys of the management API: a hash, what a key is stored under → key as JSON. They are few: lists read all of them. */
export function createRedisKeys({ commands, keys, apply }: StoredOptions): KeyStore {
  const hash = keys.apiKeys
  /** Writes a key, if it is still as it was found and no other has its digest; else false. */
  const put = (found: FoundKey | undefined, { after, field, entry }: Wanted): Promise<boolean> => {
    const taken = after.digest === found?.key.digest ? [] : [field, after.digest]
    const checks = taken.map((each): Check => ['HGET', hash, each, ''])
    const writes: Write[] = [['HSET', hash, field, JSON.stringify(after)]]
    if (entry !== undefined) writes.push(...changeWrites(keys, entry))
    if (found !== undefined) checks.push(['HGET', hash, found.field, found.text])
    if (found !== undefined && found.field !== field) writes.push(['HDEL', hash, found.field])
    return apply(checks, writes)
  }
  const findOne = async (digest: string): Promise<FoundKey | undefined> => {
    const fields = [nameOfDigest(digest), digest]
    const texts = await commands.readFields(hash, fields)
    const found = fields.flatMap((field, index) => parseField(field, texts[index]))
    return found.find(({ key }) => key.digest === digest)
  }
  const readAll = async (): Promise<FoundKey[]> =>
    Object.entries(await commands.readAllFields(hash)).flatMap(([field, text]) => parseField(field, text))
  const readOne = async (id: string): Promise<FoundKey | undefined> =>
    (await readAll()).find(({ key }) => key.id === id)

  const write = async (found: FoundKey, wanted: Wanted): Promise<boolean> => {
    if (await put(found, wanted)) return true
    const holder = await findOne(wanted.after.digest)
    if (holder !== undefined && holder.key.id !== found.key.id) {
      throw new StoreError('conflict', 'Another key has the same secret.')
    }
    return false
  }
  const change = async (
    id: string,
    fields: Partial<ApiKey>,
    note: ChangeNote | undefined,
    isExpected: Expectation<ApiKey> | undefined,
  ): Promise<ApiKey | undefined> => {
    const done = await rewrite({
      what: 'the key',
      read: () => readOne(id),
      change: ({ key }): Wanted | undefined => {
        refuseUnexpected(key, isExpected)
        if (key.revokedAt !== null) return undefined
        const after = { ...key, ...fields }
        return { after, field: nameOfDigest(after.digest), entry: note && keyEntry(note, key, after) }
      },
      write,
    })
    return done?.after
  }

  return {
    find: async (digest) => {
      const key = (await findOne(digest))?.key
      return key?.revokedAt === null ? key : undefined
    },
    create: async (key, note) => {
      const field = nameOfDigest(key.digest)
      const entry = note && keyEntry(note, undefined, key)
      await put(undefined, { after: key, field, entry })
    },
    read: async (id) => (await readOne(id))?.key,
    list: async (query) =>
      pageOfKeys(
        (await readAll()).map(({ key }) => key),
        query,
      ),
    update: (id, fields, note, isExpected) => change(id, fields, note, isExpected),
    revoke: async (id, at, by, note, isExpected) =>
      (await change(id, { revokedAt: at, revokedBy: by }, note, isExpected)) !== undefined,
    noteUse: async (uses) => {
      const noting = uses.map((use) =>
        rewrite({
          what: 'the key',
          read: () => findOne(use.digest),
          change: ({ key, field }): Wanted | undefined => {
            const after = withKeyUse(key, use)
            return after && { after, field, entry: undefined }
          },
          write,
        }),
      )
      await Promise.all(noting)
    },
    count: () => commands.countFields(hash),
  }
}

export function parseField(field: string, text: string | null | undefined): FoundKey[] {
  if (typeof text !== 'string') return []
  return [{ field, text, key: { ...FULL_KEY, ...(JSON.parse(text) as ApiKey) } }]
}
