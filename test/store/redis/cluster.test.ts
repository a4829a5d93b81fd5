import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { startRedisCluster, type RedisCluster } from '../../support/redis.ts'
import { startStopwatch } from '../../support/stopwatch.ts'
import { describeStore } from '../conformance.ts'
import { granted, newDelivery, newName } from '../conformance/fixtures.ts'
import { numberOf, openStore, serverAt } from './open.ts'

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startRedisCluster()
})
afterAll(() => cluster[Symbol.asyncDispose]())

const prefixes = new Map<Store, string>()

describeStore(
  'a store on a Redis cluster of three',
  async ({ space }) => {
    const nodes = cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port }))
    const prefix = `postern-${space}`
    const store = await openStore(serverAt(0, { topology: 'cluster', nodes }), { prefix })
    prefixes.set(store, prefix)
    return store
  },
  {
    kill: async (store) => {
      const key = `${prefixes.get(store)}:{tokens}:processes`
      await cluster.servers[0]?.command('ZREM', key, await numberOf(store))
    },
  },
)

describe('a master of a cluster that is killed', () => {
  test('takes its tokens with it, not those of the others, and is found again by itself', async () => {
    const nodes = cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port }))
    const prefix = newName()
    const store = await openStore(serverAt(0, { topology: 'cluster', nodes }), { prefix })
    // Fifty tokens lie on all of them.
    const requests = Array.from({ length: 50 }, () => newDelivery({ limitDownloads: 3 }))
    await Promise.all(requests.map((request) => granted(store, request)))
    const victim = cluster.servers[2]
    await victim?.stop('SIGKILL')
    using watch = startStopwatch()
    const answers = await Promise.all(
      requests.map((request) =>
        store.usage.reserve({ ...request, artifact: newName() }).catch(() => undefined),
      ),
    )
    expect(watch.ms()).toBeLessThan(900)
    const served = answers.filter((answer) => answer?.granted === true).length
    expect(served).toBeGreaterThan(10)
    expect(served).toBeLessThan(45)
    await victim?.restart()
    const all = (): Promise<unknown> =>
      Promise.all(requests.map((request) => store.usage.reserve({ ...request, dryRun: true })))
    await expect.poll(() => all().then(() => true, String)).toBe(true)
    await store.close()
  })
})
