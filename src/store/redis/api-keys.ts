import type { ApiKey, KeyStore } from '../contract.ts'
import type { Commands } from './commands.ts'

/** Keys of the management API: a hash, digest → key as JSON. */
export function createRedisKeys(commands: Commands, hash: string): KeyStore {
  return {
    find: async (digest) => {
      const [text] = await commands.readFields(hash, [digest])
      return typeof text === 'string' ? (JSON.parse(text) as ApiKey) : undefined
    },
    create: async (key) => {
      await commands.addField(hash, key.digest, JSON.stringify(key))
    },
    count: () => commands.countFields(hash),
  }
}
