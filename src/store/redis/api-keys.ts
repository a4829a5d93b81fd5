import { StoreError, type ApiKey, type KeyStore } from '../contract.ts'
import { FULL_KEY, nameOfDigest, pageOfKeys, withKeyUse } from '../stored-key.ts'
import type { Commands } from './commands.ts'
import { unavailable } from './errors.ts'
import type { Scripts } from './scripts.ts'

/** A key as it lies in the hash. */
interface Found {
  /** `nameOfDigest`, or its digest while it is as an earlier version stored it. */
  readonly field: string
  readonly text: string
  readonly key: ApiKey
}

/** Somebody else changed the key in between, each time. */
const MOST_ATTEMPTS = 50

/** Keys of the management API: a hash, what a key is stored under → key as JSON. They are few: lists read all of them. */
export function createRedisKeys(
  commands: Commands,
  { changeKey }: Pick<Scripts, 'changeKey'>,
  hash: string,
): KeyStore {
  const findOne = async (digest: string): Promise<Found | undefined> => {
    const fields = [nameOfDigest(digest), digest]
    const texts = await commands.readFields(hash, fields)
    const found = fields.flatMap((field, index) => parseField(field, texts[index]))
    return found.find(({ key }) => key.digest === digest)
  }
  const readAll = async (): Promise<Found[]> =>
    Object.entries(await commands.readAllFields(hash)).flatMap(([field, text]) => parseField(field, text))
  const readOne = async (id: string): Promise<Found | undefined> =>
    (await readAll()).find(({ key }) => key.id === id)

  /** Reads and writes until nobody came in between; gives what was written last, undefined for nothing. */
  const rewrite = async (
    read: () => Promise<Found | undefined>,
    change: (before: Found) => { readonly after: ApiKey; readonly field: string } | undefined,
  ): Promise<ApiKey | undefined> => {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const found = await read()
      const wanted = found && change(found)
      if (found === undefined || wanted === undefined) return undefined
      const { after, field } = wanted
      const taken = after.digest === found.key.digest ? [] : [field, after.digest]
      const answer = await changeKey(
        [hash],
        [found.field, found.text, field, JSON.stringify(after), ...taken],
      )
      if (answer === 'conflict') throw new StoreError('conflict', 'Another key has the same secret.')
      if (answer === 'done') return after
    }
    throw unavailable('the key is changed by too many at once')
  }
  const change = (id: string, fields: Partial<ApiKey>): Promise<ApiKey | undefined> =>
    rewrite(
      () => readOne(id),
      ({ key }) => {
        const after = { ...key, ...fields }
        return key.revokedAt === null ? { after, field: nameOfDigest(after.digest) } : undefined
      },
    )

  return {
    find: async (digest) => {
      const key = (await findOne(digest))?.key
      return key?.revokedAt === null ? key : undefined
    },
    create: async (key) => {
      const field = nameOfDigest(key.digest)
      await changeKey([hash], ['', '', field, JSON.stringify(key), field, key.digest])
    },
    read: async (id) => (await readOne(id))?.key,
    list: async (query) =>
      pageOfKeys(
        (await readAll()).map(({ key }) => key),
        query,
      ),
    update: change,
    revoke: async (id, at, by) => (await change(id, { revokedAt: at, revokedBy: by })) !== undefined,
    noteUse: async (uses) => {
      const noting = uses.map((use) =>
        rewrite(
          () => findOne(use.digest),
          ({ key, field }) => {
            const after = withKeyUse(key, use)
            return after && { after, field }
          },
        ),
      )
      await Promise.all(noting)
    },
    count: () => commands.countFields(hash),
  }
}

function parseField(field: string, text: string | null | undefined): Found[] {
  if (typeof text !== 'string') return []
  return [{ field, text, key: { ...FULL_KEY, ...(JSON.parse(text) as ApiKey) } }]
}
