import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import type { RedisServers } from '../../../src/store/redis/connection.ts'
import { startRedisSentinels, type RedisSentinels } from '../../support/redis.ts'
import {
  countersOf,
  deliver,
  granted,
  newDelivery,
  newName,
  newToken,
  NOW,
  SIZE,
} from '../conformance/fixtures.ts'
import { startLoad } from './load.ts'
import { openStore, serverAt } from './open.ts'

let redis: RedisSentinels
beforeEach(async () => {
  redis = await startRedisSentinels()
})
afterEach(() => redis[Symbol.asyncDispose]())

function sentinels(): RedisServers {
  const nodes = redis.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  return serverAt(0, { topology: 'sentinel', nodes, masterName: 'main' })
}

async function untilBack(store: Store): Promise<void> {
  const options = { timeout: 40_000, interval: 20 }
  await expect
    .poll(() => store.usage.reserve(newDelivery()).catch(String), options)
    .toMatchObject({ granted: true })
}

describe('a fail-over', () => {
  test('because the master was killed keeps what the replica had, and the service is back by itself', async () => {
    const store = await openStore(sentinels())
    const [token, request] = [newToken(), newDelivery({ limitDownloads: 3 })]
    await store.tokens.create(token)
    await deliver(store, request, SIZE)
    const running = await granted(store, { ...request, artifact: newName() })
    expect(Number(await redis.master.command('WAIT', '1', '20000'))).toBe(1)
    const told: (string | undefined)[] = []
    store.tokens.watch((digest) => told.push(digest))
    await redis.master.stop('SIGKILL')
    await untilBack(store)
    expect(await countersOf(store, request.token)).toEqual([2, 1, SIZE])
    expect(await store.tokens.find(token.digest)).toEqual([token])
    await store.usage.settle(running, SIZE, NOW)
    expect(await countersOf(store, request.token)).toEqual([2, 1, 2 * SIZE])
    await expect.poll(() => told).toContain(undefined)
    await store.close()
  })

  test('loses no acknowledged charge when charges wait for the replica', async () => {
    const store = await openStore(sentinels(), { replicas: 1 })
    const token = newName()
    const load = startLoad(store, token)
    await expect.poll(load.acknowledged).toBeGreaterThan(300)
    await redis.master.stop('SIGKILL')
    await load.stop()
    await store.close()
    // Nobody follows the new master, which alone must do here.
    const alone = await openStore(sentinels())
    await untilBack(alone)
    expect((await countersOf(alone, token))[0]).toBeGreaterThanOrEqual(load.acknowledged())
    await alone.close()
  }, 60_000)

  test('that an operator asks for moves the writes to the new master', async () => {
    const store = await openStore(sentinels())
    const request = newDelivery({ limitDownloads: 3 })
    await granted(store, request)
    await expect.poll(() => redis.sentinels[0]?.command('SENTINEL', 'FAILOVER', 'main')).toBe('OK')
    await expect.poll(() => redis.replica.command('ROLE')).toContain('master')
    // Until it hears of the new one, the old one takes writes, which then are lost.
    await expect.poll(() => redis.master.command('ROLE')).toContain('slave')
    await untilBack(store)
    await granted(store, { ...request, artifact: newName() })
    expect((await countersOf(store, request.token))[0]).toBe(2)
    await store.close()
  })
})

test('charges that wait for more replicas than there are fail, and are given back', async () => {
  const store = await openStore(sentinels(), { replicas: 2, heartbeatMs: 100 })
  const request = newDelivery()
  await expect(store.usage.reserve(request)).rejects.toMatchObject({ code: 'unavailable' })
  await expect.poll(() => countersOf(store, request.token)).toEqual([0, 0, 0])
  await store.close()
})
