import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import {
  DAY_MS,
  deliver,
  granted,
  HOUR_MS,
  newDelivery,
  newName,
  newToken,
  NOW,
  SIZE,
} from '../conformance/fixtures.ts'
import { numberOf, openStore, serverAt } from './open.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

/** Asks the server for a number. */
async function ask(...words: readonly string[]): Promise<number> {
  return Number(await server.command(...words))
}

describe('what nobody needs any more goes by itself:', () => {
  test('a client that was forgotten a week ago', async () => {
    const prefix = newName()
    await using store = await openIn(prefix)
    const token = newName()
    const visit = (client: string, day: number): Promise<unknown> => {
      const limits = { limitClients: 1, clientsWindowMs: DAY_MS, now: NOW + day * DAY_MS }
      return granted(store.opened, newDelivery({ token, client, ...limits }))
    }
    await visit('a', 0)
    await visit('b', 1)
    expect(await ask('HLEN', `${prefix}:{${token}}:clients`)).toBe(2)
    await visit('c', 9)
    expect(await ask('HLEN', `${prefix}:{${token}}:clients`)).toBe(2)
    expect(await ask('HEXISTS', `${prefix}:{${token}}:clients`, 'a')).toBe(0)
  })

  test('places that the dead held, once one of them is needed', async () => {
    const prefix = newName()
    await using store = await openIn(prefix)
    await using dead = await openIn(prefix)
    const request = newDelivery({ limitConcurrency: 1 })
    await granted(dead.opened, request)
    await server.command('ZREM', `${prefix}:{tokens}:processes`, await numberOf(dead.opened))
    await granted(store.opened, { ...request, artifact: newName() })
    expect(await ask('SCARD', `${prefix}:{${request.token}}:places`)).toBe(1)
  })

  test('places that nobody gives up, in a week', async () => {
    const prefix = newName()
    await using store = await openIn(prefix)
    const request = newDelivery({ limitConcurrency: 5 })
    await granted(store.opened, request)
    const left = await ask('PTTL', `${prefix}:{${request.token}}:places`)
    expect(left).toBeGreaterThan(6 * DAY_MS)
    expect(left).toBeLessThanOrEqual(7 * DAY_MS)
  })

  test('an answer without a body, at once', async () => {
    const prefix = newName()
    await using store = await openIn(prefix)
    const request = newDelivery({ kind: 'free', size: 0, limitRate: 5 })
    await granted(store.opened, request)
    await granted(store.opened, { ...request, size: SIZE, end: SIZE, limitBytes: SIZE })
    // What has one is remembered until it ends.
    expect(await server.command('KEYS', `${prefix}:{${request.token}}:free:*`)).toMatch(/^\S+$/)
  })

  test('the record of a download that was cut, in an hour', async () => {
    const prefix = newName()
    await using store = await openIn(prefix)
    const request = newDelivery({ limitDownloads: 5 })
    await deliver(store.opened, request, SIZE / 2)
    const left = await ask(
      'PTTL',
      `${prefix}:{${request.token}}:ledger:${request.client} ${request.artifact}`,
    )
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(HOUR_MS)
  })
})

test('the record of a deleted token stays, where no call finds it', async () => {
  const prefix = newName()
  await using store = await openIn(prefix)
  const token = newToken()
  await store.opened.tokens.create(token)
  await store.opened.tokens.delete(token.owner, token.repo, token.slugPerm, NOW)
  expect(await store.opened.tokens.find(token.digest)).toEqual([])
  expect(await server.command('HGET', `${prefix}:{tokens}:deleted`, token.slugPerm)).toContain(token.name)
})

test('what a process left to tell lost answers by goes in a week', async () => {
  const prefix = newName()
  await using store = await openIn(prefix)
  const reservation = await granted(store.opened, newDelivery({ isReady: true }))
  const [key = ''] = (await server.command('KEYS', `${prefix}:*:traces:*`)).split('\n')
  expect(await ask('PTTL', key)).toBeGreaterThan(6 * DAY_MS)
  await server.command('DEL', key)
  await store.opened.usage.settle(reservation, 0, NOW)
  expect(await ask('PTTL', key)).toBeGreaterThan(6 * DAY_MS)
})

async function openIn(prefix: string) {
  const opened = await openStore(serverAt(server.port), { prefix })
  return { opened, [Symbol.asyncDispose]: () => opened.close() }
}
