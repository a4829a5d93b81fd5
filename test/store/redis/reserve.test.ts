import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reservation } from '../../../src/store/contract.ts'
import { createKeys } from '../../../src/store/redis/keys.ts'
import { reserveAll } from '../../../src/store/redis/reserve.ts'
import { createScripts } from '../../../src/store/redis/scripts.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import {
  granted,
  HOUR_MS,
  MINUTE_MS,
  newDelivery,
  newName,
  NOW,
  refused,
  SIZE,
} from '../conformance/fixtures.ts'
import { openStore, serverAt } from './open.ts'

let server: RedisServer
let client: Redis
beforeAll(async () => {
  server = await startRedis()
  client = new Redis(server.port, '127.0.0.1')
})
afterAll(async () => {
  client.disconnect()
  await server[Symbol.asyncDispose]()
})

describe('a process of which nobody was told', () => {
  test.each([
    ['4', 'is dead, when its number was given before', { answer: { granted: true } }],
    ['5', 'lives, when its number is among the living', { answer: { limit: 'concurrency', used: 1 } }],
    ['6', 'lives, when its number was given since', { answer: { limit: 'concurrency', used: 1 } }],
  ])('%s %s', async (number, _what, expected) => {
    const keys = createKeys(newName())
    const scripts = createScripts(client, 500, 0)
    const request = newDelivery({ limitConcurrency: 1 })
    await client.sadd(keys.places(request.token), `${number}.somebody:1:p`)
    const living = { highest: '5', numbers: ',2,5,' }
    const item = { id: '2.me:1:p', request }
    expect(
      await reserveAll(scripts, keys, { own: '2', living: undefined, trace: undefined }, [item]),
    ).toEqual([{ answer: 'unsure' }])
    expect(await reserveAll(scripts, keys, { own: '2', living, trace: undefined }, [item])).toMatchObject([
      expected,
    ])
  })
})

test('deliveries of one turn travel in one call, and so do their settlements', async () => {
  const store = await openStore(serverAt(server.port), { prefix: newName() })
  await granted(store, newDelivery())
  const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
    await server.command('CONFIG', 'RESETSTAT')
    await work()
    const stats = await server.command('INFO', 'commandstats')
    return Number(/cmdstat_eval(?:sha)?:calls=(\d+)/.exec(stats)?.[1])
  }
  const requests = Array.from({ length: 100 }, () => newDelivery({ limitDownloads: 3 }))
  const reservations: Reservation[] = []
  const reserving = async (): Promise<unknown> =>
    reservations.push(...(await Promise.all(requests.map((request) => granted(store, request)))))
  expect(await callsOf(reserving)).toBe(1)
  const settling = (): Promise<unknown> =>
    Promise.all(reservations.map((each) => store.usage.settle(each, SIZE, NOW)))
  expect(await callsOf(settling)).toBe(1)
  await store.close()
})

test('a client is last seen at the latest instant, whatever order the processes write in', async () => {
  const store = await openStore(serverAt(server.port), { prefix: newName() })
  const token = newName()
  const limits = { token, limitClients: 1, clientsWindowMs: 30 * MINUTE_MS }
  await granted(store, newDelivery({ ...limits, client: 'a', now: NOW + HOUR_MS }))
  await granted(store, newDelivery({ ...limits, client: 'a', now: NOW }))
  expect(await refused(store, newDelivery({ ...limits, now: NOW + HOUR_MS + 1 }))).toMatchObject({ used: 1 })
  await store.close()
})
