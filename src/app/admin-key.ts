import { generateKey, isPlausibleKey } from '../policy/secret.ts'
import type { ApiKey, KeyStore } from '../store/contract.ts'
import type { SecretKeeper } from '../store/secret-keeper.ts'
import { FULL_KEY } from '../store/stored-key.ts'

/** How the management side knows its keys. */
export interface AdminKey {
  readonly keys: KeyStore
  /** The first key, when it had to be made: to be shown once. */
  readonly made: string | undefined
}

export interface BootstrapOptions {
  readonly keys: KeyStore
  readonly keeper: SecretKeeper
  /** From the environment. It is never stored, so that a changed one stops working with the next start. */
  readonly given: string | undefined
  readonly clock: () => number
  readonly newId: () => string
  readonly randomInt: (below: number) => number
}

/**
 * Sees to it that there is a key: the given one beside those of the store, or, in a store that never had one, a new one. Both may do everything.
 * @throws Error when the given one is a generated key that was copied wrongly: nobody could use it.
 */
export async function bootstrapKeys(options: BootstrapOptions): Promise<AdminKey> {
  const { keys, keeper, given, clock, newId, randomInt } = options
  if (given !== undefined) {
    if (!isPlausibleKey(given)) throw new Error('POSTERN_ADMIN_KEY has a typo: its checksum is wrong')
    const digest = keeper.digest(given)
    const key: ApiKey = { ...FULL_KEY, id: 'environment', name: 'environment', digest, createdAt: clock() }
    return { keys: withKey(keys, key), made: undefined }
  }
  if ((await keys.count()) > 0) return { keys, made: undefined }
  const made = generateKey(randomInt)
  const digest = keeper.digest(made)
  const key: ApiKey = { ...FULL_KEY, id: newId(), name: 'first key', digest, createdAt: clock() }
  const actor = { kind: 'system', id: 'start', name: 'first start', address: null } as const
  await keys.create(key, { id: newId(), at: key.createdAt, event: 'api_key.created', actor, userAgent: null })
  return { keys, made }
}

function withKey(keys: KeyStore, key: ApiKey): KeyStore {
  return {
    ...keys,
    find: async (digest) => (digest === key.digest ? key : keys.find(digest)),
    noteUse: (uses) => keys.noteUse(uses.filter(({ digest }) => digest !== key.digest)),
  }
}
