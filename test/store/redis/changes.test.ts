import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { startRelay } from '../../support/relay.ts'
import { msUntil, startStopwatch } from '../../support/stopwatch.ts'
import { newName, newToken } from '../conformance/fixtures.ts'
import { openStore, serverAt } from './open.ts'

/** Some. */
const SECONDS_MS = 5_000

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

/** Two stores, and what the second is told. */
async function setUp(port = server.port) {
  const prefix = newName()
  const one = await openStore(serverAt(server.port), { prefix })
  const other = await openStore(serverAt(port), { prefix })
  const told: (string | undefined)[] = []
  other.tokens.watch((digest) => told.push(digest))
  const close = (): Promise<unknown> => Promise.all([one.close(), other.close()])
  return { prefix, one, other, told, [Symbol.asyncDispose]: async () => void (await close()) }
}

/** Changes a token, and tells whether an earlier change of one with this secret was heard. */
async function isHeard({
  one,
  told,
}: {
  readonly one: Store
  readonly told: readonly unknown[]
}): Promise<boolean> {
  await one.tokens.create(newToken({ digest: 'heard' }))
  return told.includes('heard')
}

describe('a change', () => {
  test('of another process is told within a few milliseconds', async () => {
    await using stores = await setUp()
    const delays: number[] = []
    for (let index = 0; index < 50; index++) {
      const token = newToken()
      using watch = startStopwatch()
      await stores.one.tokens.create(token)
      await expect.poll(() => stores.told.includes(token.digest), { interval: 1 }).toBe(true)
      delays.push(watch.ms())
    }
    expect(delays.toSorted((a, b) => a - b)[45]).toBeLessThan(100)
    expect(stores.told).not.toContain(undefined)
  })

  test('of this process is told once', async () => {
    await using stores = await setUp()
    const token = newToken()
    await stores.other.tokens.create(token)
    await stores.one.tokens.create(newToken())
    await expect.poll(() => stores.told.length).toBe(2)
    expect(stores.told.filter((digest) => digest === token.digest)).toHaveLength(1)
  })

  test('by many processes at once makes nobody forget everything', async () => {
    await using stores = await setUp()
    // Few at a time: each has its deadline, on a busy machine too.
    for (let index = 0; index < 100; index += 10) {
      const changes = Array.from({ length: 10 }, (_, at) =>
        (at % 2 ? stores.one : stores.other).tokens.create(newToken()),
      )
      await Promise.all(changes)
    }
    await expect.poll(() => stores.told.length).toBe(100)
    expect(stores.told).not.toContain(undefined)
  })
})

describe('news that can not be heard', () => {
  test('while the connection is broken make the listeners forget everything', async () => {
    await using relay = await startRelay(server.port)
    await using stores = await setUp(relay.port)
    relay.refuse()
    await stores.one.tokens.create(newToken())
    relay.resume()
    expect(await msUntil(() => stores.told.includes(undefined))).toBeLessThan(SECONDS_MS)
  })

  test('although the connection stands are noticed within seconds', async () => {
    await using stores = await setUp()
    // A change whose message got lost.
    await server.command('INCR', `${stores.prefix}:{tokens}:changes`)
    expect(await msUntil(() => stores.told.includes(undefined))).toBeLessThan(SECONDS_MS)
    expect(await msUntil(() => isHeard(stores))).toBeLessThan(SECONDS_MS)
  })

  test('because the subscription was ended by the server are noticed within seconds', async () => {
    await using stores = await setUp()
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await stores.one.tokens.create(newToken())
    expect(await msUntil(() => stores.told.includes(undefined))).toBeLessThan(SECONDS_MS)
    stores.told.length = 0
    expect(await msUntil(() => isHeard(stores))).toBeLessThan(SECONDS_MS)
  })

  test('because the connection breaks again while it is made anew harm nobody, and are noticed', async () => {
    await using relay = await startRelay(server.port)
    await using stores = await setUp(relay.port)
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    relay.breakAt('subscribe')
    relay.breakConnections()
    await expect.poll(() => stores.told.filter((digest) => digest === undefined).length).toBeGreaterThan(2)
    relay.resume()
    stores.told.length = 0
    await expect.poll(() => isHeard(stores)).toBe(true)
    expect(unhandled).toEqual([])
    process.off('unhandledRejection', note)
  })

  test('because the server lost what it knew make the listeners forget everything', async () => {
    await using stores = await setUp()
    await stores.one.tokens.create(newToken())
    await expect.poll(() => stores.told.length).toBe(1)
    await server.command('DEL', `${stores.prefix}:{tokens}:changes`)
    expect(await msUntil(() => stores.told.includes(undefined))).toBeLessThan(SECONDS_MS)
    const token = newToken()
    await stores.one.tokens.create(token)
    await expect.poll(() => stores.told).toContain(token.digest)
  })

  test('because somebody else speaks on the channel make the listeners forget everything', async () => {
    await using stores = await setUp()
    await server.command('PUBLISH', `${stores.prefix}:changes`, 'hello')
    await expect.poll(() => stores.told).toEqual([undefined])
  })
})
