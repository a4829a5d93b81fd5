import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { openStore, serverAt } from '../store/redis/open.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { useApi, type Api, type Overrides } from './api.ts'

/** The same tests of the API over a SQLite store and over a real Redis. */
export function describeOnBothStores(describeApi: (api: Api) => void, overrides: Overrides = {}): void {
  describe('on SQLite', () => {
    describeApi(useApi(overrides))
  })

  describe('on Redis', () => {
    let server: RedisServer | undefined
    beforeAll(async () => {
      server = await startRedis()
    })
    afterAll(() => server?.[Symbol.asyncDispose]())
    const open = (clock: () => number): ReturnType<typeof openStore> =>
      openStore(serverAt(server?.port ?? 0), { prefix: `postern-${randomUUID()}`, clock })
    describeApi(useApi({ ...overrides, openStore: open }))
  })
}
