import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { startRelay, type Relay } from '../support/relay.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'
import { startStopwatch } from '../support/stopwatch.ts'
import { codeOf, REPOSITORY } from './pair.ts'

const HOUR_MS = 3_600_000
const MOST = 2 ** 53 - 1
const SMALL_BYTES = 1_024
const SOON = { timeout: 30_000 }
/** A store call may take half a second; the rest is for a busy machine. */
const FAST_MS = 2_000

let storage: Storage
let redis: RedisServer
let relay: Relay
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('raw')
  redis = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } })
  relay = await startRelay(redis.port)
  gate = await start(relay.port)
})
afterEach(() => relay.resume())
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await relay?.[Symbol.asyncDispose]()
  await redis?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

function start(port: number, env: Readonly<Record<string, string>> = {}): Promise<Gate> {
  const config = {
    store: `redis://127.0.0.1:${port}?prefix=trouble`,
    secret_key: 'a key that all of the hosts have been given',
    repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } },
  } as const
  return startGate({ config, env, adminKey: 'redis-trouble-admin-key' })
}

const ask = (token: GateToken, path = 'small.bin', at = gate, range?: string): Promise<Answer> =>
  get(`${at.url}/${token.token}/${REPOSITORY}/${path}`, range === undefined ? {} : { headers: { range } })

const statusOf = async (token: GateToken): Promise<number> => (await ask(token)).status

const countersOf = async ({ slug_perm }: GateToken): Promise<readonly unknown[]> => {
  const { downloads, clients, bandwidth } = await gate.readToken(REPOSITORY, slug_perm)
  return [downloads, clients, bandwidth]
}

const create = (limit_num_downloads: number | null): Promise<GateToken> =>
  gate.createToken(REPOSITORY, { limit_num_downloads })

const usageKey = ({ slug_perm }: GateToken): string => `trouble:{${slug_perm}}:usage`

/** Expects a refusal that is fast, says what is wrong and to come back, and was charged to nobody. */
async function expectUnavailable(token: GateToken): Promise<void> {
  using watch = startStopwatch()
  const answer = await ask(token)
  expect([answer.status, codeOf(answer)]).toEqual([503, 'store_unavailable'])
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(watch.ms()).toBeLessThan(FAST_MS)
}

describe('a token with a limit is refused at once, charged nothing, and served again afterwards, while Redis', () => {
  const troubles: readonly [string, () => unknown, () => unknown][] = [
    ['is slow', () => relay.delayAnswers(5_000), () => relay.resume()],
    ['does not answer', () => relay.holdAnswers(), () => relay.resume()],
    ['refuses connections', () => relay.refuse(), () => relay.resume()],
    [
      'is a replica that only reads',
      () => redis.command('REPLICAOF', '127.0.0.1', '1'),
      () => redis.command('REPLICAOF', 'NO', 'ONE'),
    ],
    [
      'is out of memory',
      () => redis.command('CONFIG', 'SET', 'maxmemory', '1'),
      () => redis.command('CONFIG', 'SET', 'maxmemory', '0'),
    ],
  ]
  test.each(troubles)('%s', async (_what, begin, end) => {
    const token = await create(3)
    expect(await statusOf(token)).toBe(200)
    await expect.poll(() => countersOf(token), SOON).toEqual([1, 1, SMALL_BYTES])
    await begin()
    await expectUnavailable(token)
    await expectUnavailable(token)
    await end()
    // What was charged without an answer is given back.
    await expect.poll(() => countersOf(token).catch(String), SOON).toEqual([1, 1, SMALL_BYTES])
    await expect.poll(() => statusOf(token), SOON).toBe(200)
    expect(await statusOf(token)).toBe(200)
    expect(await statusOf(token)).toBe(403)
    await expect.poll(() => countersOf(token), SOON).toEqual([3, 1, 3 * SMALL_BYTES])
  })
})

test('an empty file costs nothing, whether it came or not', async () => {
  const token = await create(3)
  expect((await ask(token, 'empty.bin')).status).toBe(200)
  relay.holdAnswers()
  // Judged by what is remembered of the token.
  await ask(token, 'empty.bin')
  relay.resume()
  await expect.poll(() => statusOf(token), SOON).toBe(200)
  await expect.poll(() => countersOf(token).catch(String), SOON).toEqual([1, 1, SMALL_BYTES])
})

test('nobody notices that the scripts were flushed', async () => {
  const token = await create(3)
  for (let turn = 0; turn < 3; turn++) {
    await redis.command('SCRIPT', 'FLUSH')
    expect(await statusOf(token)).toBe(200)
  }
  expect(await statusOf(token)).toBe(403)
})

test('something else under a key of a token refuses this token alone', async () => {
  const [wrong, fine] = [await create(3), await create(3)]
  await redis.command('LPUSH', usageKey(wrong), 'not a counter')
  await expectUnavailable(wrong)
  expect(await statusOf(fine)).toBe(200)
  await redis.command('DEL', usageKey(wrong))
  expect(await statusOf(wrong)).toBe(200)
})

describe('counters at 2^53 - 1', () => {
  const fill = async (token: GateToken, downloads: string, bytes: string): Promise<unknown> => {
    // As usage.lua packs them.
    const packed = `cmsgpack.pack(10, 0, ${downloads}, 1, ${bytes}, false, false, false)`
    return redis.command('EVAL', `redis.call('SET', KEYS[1], ${packed})`, '1', usageKey(token))
  }

  test('are shown to the last digit, and refuse where they are limited', async () => {
    const token = await create(MOST)
    await fill(token, '9007199254740990', '5')
    const last = await ask(token)
    expect([last.status, last.headers['x-postern-downloads-left']]).toEqual([200, '0'])
    const beyond = await ask(token)
    expect([beyond.status, codeOf(beyond)]).toEqual([403, 'downloads_used_up'])
    await expect.poll(() => countersOf(token), SOON).toEqual([MOST, 2, 5 + SMALL_BYTES])
  })

  test('stay there where they are not limited', async () => {
    const token = await gate.createToken(REPOSITORY, { limit_num_clients: 5 })
    await fill(token, '9007199254740991', '9007199254740991')
    expect(await statusOf(token)).toBe(200)
    await expect.poll(() => countersOf(token), SOON).toEqual([MOST, 2, MOST])
  })
})

describe.each([HOUR_MS, -HOUR_MS])('a host whose clock is %i ms off', (offMs) => {
  test('counts a resumption, a probe and a limit as the others do', async () => {
    const wrong = `const now = Date.now; Date.now = () => now() + ${offMs}`
    const preload = `--import=data:text/javascript,${encodeURIComponent(wrong)}`
    await using there = await start(redis.port, { NODE_OPTIONS: preload })
    const token = await create(2)
    const file = 'tool/1.0/tool-1.0.bin'
    expect((await ask(token, file, there, 'bytes=0-199999')).status).toBe(206)
    await expect.poll(() => countersOf(token), SOON).toEqual([1, 1, 200_000])
    expect((await ask(token, file, gate, 'bytes=200000-')).status).toBe(206)
    await expect.poll(() => countersOf(token), SOON).toEqual([1, 1, 300_000])
    expect((await ask(token, file, there, 'bytes=-30000')).status).toBe(206)
    await expect.poll(() => countersOf(token), SOON).toEqual([1, 1, 330_000])
    expect((await ask(token, 'small.bin', there)).status).toBe(200)
    const beyond = [await ask(token, 'small.bin', gate), await ask(token, 'small.bin', there)]
    expect(beyond.map(codeOf)).toEqual(['downloads_used_up', 'downloads_used_up'])
  })
})
