import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { createScripts } from '../../../src/store/redis/scripts.ts'
import { startServer, type ServerProcess } from '../../support/processes.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { countersOf, granted, newDelivery, newName, refused } from '../conformance/fixtures.ts'
import { numberOf, openStore, serverAt } from './open.ts'

const HEARTBEAT_MS = 60
/** Of those who must not look dead when this process is kept waiting for a while: five times that. */
const CALM_MS = 300
const CONTENDER = join(import.meta.dirname, 'contender.ts')

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

function startContender(prefix: string): Promise<ServerProcess> {
  return startServer(process.execPath, [CONTENDER, String(server.port), prefix, String(HEARTBEAT_MS)], {
    isReady: (output) => output().includes('acknowledged 3\n'),
  })
}

const open = (prefix: string, heartbeatMs = HEARTBEAT_MS): Promise<Store> =>
  openStore(serverAt(server.port), { prefix, heartbeatMs })

describe('a process that was killed', () => {
  test('keeps its places and its open downloads until it was silent for five beats, and its charges for ever', async () => {
    const prefix = newName()
    const store = await open(prefix)
    const contender = await startContender(prefix)
    await contender.stop('SIGKILL')
    const [charged] = await countersOf(store, 'held')
    const place = newDelivery({ token: 'held', client: 'contender', artifact: 'file-1', limitConcurrency: 1 })
    await expect.poll(() => store.usage.reserve(place)).toMatchObject({ granted: true, charged: 0 })
    expect((await countersOf(store, 'held'))[0]).toBe(charged)
    await store.close()
  })

  test('is not taken for dead before', async () => {
    const prefix = newName()
    const store = await open(prefix, 1_000)
    const contender = await startContender(prefix)
    await contender.stop('SIGKILL')
    const place = newDelivery({ token: 'held', client: 'contender', artifact: 'file-1', limitConcurrency: 1 })
    expect(await refused(store, place)).toMatchObject({ limit: 'concurrency' })
    await store.close()
  })
})

describe('the list of processes', () => {
  const listed = (prefix: string): Promise<string> =>
    server.command('ZRANGE', `${prefix}:{tokens}:processes`, '0', '-1')

  test('forgets the dead', async () => {
    const prefix = newName()
    const store = await open(prefix)
    await server.command('ZADD', `${prefix}:{tokens}:processes`, '1700000000000', '0')
    await expect.poll(() => listed(prefix)).toBe(await numberOf(store))
    await store.close()
    expect(await listed(prefix)).toBe('')
  })

  test('keeps one that has beaten since it seemed dead', async () => {
    const prefix = newName()
    const key = `${prefix}:{tokens}:processes`
    await server.command('ZADD', key, '1700000000001', '0')
    const client = new Redis(server.port, '127.0.0.1')
    const { beat } = createScripts(client, 500, 0)
    await beat([key, `${prefix}:number`], ['', '0', '1700000000000'])
    expect(await listed(prefix)).toBe('0\n1')
    client.disconnect()
  })
})

describe('a process that lives', () => {
  test('is never taken for dead, however often others look', async () => {
    const prefix = newName()
    const [one, other] = [await open(prefix, CALM_MS), await open(prefix, CALM_MS)]
    const request = newDelivery({ limitConcurrency: 1 })
    await granted(one, request)
    const until = performance.now() + 8 * CALM_MS
    while (performance.now() < until) {
      expect(await refused(other, { ...request, artifact: newName() })).toMatchObject({ used: 1 })
    }
    await Promise.all([one.close(), other.close()])
  })

  test('that has just begun is not taken for dead by one that has not heard of it', async () => {
    const prefix = newName()
    const one = await open(prefix, 60_000)
    const request = newDelivery({ limitConcurrency: 1 })
    const late = await open(prefix, 60_000)
    await granted(late, request)
    expect(await refused(one, { ...request, artifact: newName() })).toMatchObject({ used: 1 })
    await Promise.all([one.close(), late.close()])
  })

  test('and was taken for dead takes another number, under which it counts', async () => {
    const prefix = newName()
    const [one, other] = [await open(prefix), await open(prefix)]
    const before = await numberOf(one)
    await server.command('ZREM', `${prefix}:{tokens}:processes`, before)
    await expect.poll(() => numberOf(one)).not.toBe(before)
    const request = newDelivery({ limitConcurrency: 1 })
    await granted(one, request)
    expect(await refused(other, { ...request, artifact: newName() })).toMatchObject({ used: 1 })
    await Promise.all([one.close(), other.close()])
  })

  test('and could not beat for a while asks before it reserves anything', async () => {
    const prefix = newName()
    let skipped = 0
    const paused = await openStore(serverAt(server.port), {
      prefix,
      heartbeatMs: 60_000,
      monotonic: () => performance.now() + skipped,
    })
    const before = await numberOf(paused)
    await server.command('ZREM', `${prefix}:{tokens}:processes`, before)
    skipped = 200_000
    const other = await open(prefix, 60_000)
    const request = newDelivery({ limitConcurrency: 1 })
    const { id } = await granted(paused, request)
    expect(id.split('.')[0]).not.toBe(before)
    expect(await refused(other, { ...request, artifact: newName() })).toMatchObject({ used: 1 })
    await Promise.all([paused.close(), other.close()])
  })
})

describe('servers that were away', () => {
  test('make nobody look dead', async () => {
    const prefix = newName()
    const [one, other] = [await open(prefix, CALM_MS), await open(prefix, CALM_MS)]
    const request = newDelivery({ limitConcurrency: 1 })
    await granted(one, request)
    const number = await numberOf(one)
    await server.command('CLIENT', 'PAUSE', String(8 * CALM_MS), 'ALL')
    await expect.poll(() => numberOf(one).catch(String)).toBe(number)
    expect(await refused(other, { ...request, artifact: newName() })).toMatchObject({ used: 1 })
    await Promise.all([one.close(), other.close()])
  })

  test('and forgot the numbers they gave give none of the living twice', async () => {
    const prefix = newName()
    const stores = [await open(prefix), await open(prefix), await open(prefix)]
    await server.command('DEL', `${prefix}:{tokens}:process-number`)
    const last = stores.at(-1)
    const highest = last === undefined ? 0 : Number(await numberOf(last))
    await expect.poll(() => server.command('GET', `${prefix}:{tokens}:process-number`)).toBe(String(highest))
    const late = await open(prefix)
    expect(Number(await numberOf(late))).toBeGreaterThan(highest)
    await Promise.all([...stores, late].map((store) => store.close()))
  })
})
