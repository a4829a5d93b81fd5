import { afterAll, beforeAll } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { describeStore } from '../conformance.ts'
import { numberOf, openStore, serverAt } from './open.ts'

let server: RedisServer
const prefixes = new Map<Store, string>()

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

describeStore(
  'a Redis store',
  async ({ space }) => {
    const prefix = `postern-${space}`
    const store = await openStore(serverAt(server.port), { prefix })
    prefixes.set(store, prefix)
    return store
  },
  {
    // What the others do with a process that beats no longer.
    kill: async (store) => {
      await server.command('ZREM', `${prefixes.get(store)}:{tokens}:processes`, await numberOf(store))
    },
  },
)
