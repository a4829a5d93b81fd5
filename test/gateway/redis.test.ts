import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'
import { msUntil } from '../support/stopwatch.ts'

const REPOSITORY = 'acme/files'
const ADMIN_KEY = 'redis-test-admin-key'

let storage: Storage
let redis: RedisServer
let here: Gate
let there: Gate

beforeAll(async () => {
  storage = await startStorage('raw')
  redis = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } })
  const config = {
    store: `redis://127.0.0.1:${redis.port}?prefix=gates`,
    secret_key: 'a key that both of the hosts have been given',
    repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } },
  } as const
  const start = (workers: number): Promise<Gate> =>
    startGate({ config: { ...config, workers }, adminKey: ADMIN_KEY })
  ;[here, there] = await Promise.all([start(1), start(2)])
})
afterAll(async () => {
  await Promise.all([here, there].map((gate) => gate?.[Symbol.asyncDispose]()))
  await redis?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const statusAt = async (gate: Gate, secret: string): Promise<number> =>
  (await get(`${gate.url}/${secret}/${REPOSITORY}/small.bin`)).status

describe('two hosts on one Redis', () => {
  test('never grant more than a limit, however many ask both', async () => {
    const token = await here.createToken(REPOSITORY, { limit_num_downloads: 25 })
    const statuses = await Promise.all(
      Array.from({ length: 100 }, (_, index) => statusAt(index % 2 ? here : there, token.token)),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(25)
    expect(statuses.filter((status) => status === 403)).toHaveLength(75)
    expect(await there.readToken(REPOSITORY, token.slug_perm)).toMatchObject({ downloads: 25, clients: 1 })
  })

  test('both know at once that a token was disabled', async () => {
    const token = await here.createToken(REPOSITORY)
    await expect.poll(() => statusAt(there, token.token)).toBe(200)
    await here.admin('POST', `/entitlements/${REPOSITORY}/${token.slug_perm}/disable/`)
    expect(await statusAt(here, token.token)).toBe(403)
    expect(await msUntil(async () => (await statusAt(there, token.token)) === 403)).toBeLessThan(500)
  })

  test('refuse fast while Redis is gone, and go on when it is back, with every charge', async () => {
    const token = await here.createToken(REPOSITORY, { limit_num_downloads: 3 })
    expect(await statusAt(there, token.token)).toBe(200)
    await redis.stop('SIGKILL')
    expect(await msUntil(async () => (await statusAt(there, token.token)) === 503)).toBeLessThan(2_000)
    await redis.restart()
    await expect.poll(() => statusAt(there, token.token)).toBe(200)
    await expect.poll(() => statusAt(here, token.token)).toBe(200)
    expect(await statusAt(here, token.token)).toBe(403)
    expect(await here.readToken(REPOSITORY, token.slug_perm)).toMatchObject({ downloads: 3 })
  })
})

test('a start without Redis fails, and says why without the password', async () => {
  const config = {
    store: 'redis://:hunter2@127.0.0.1:1',
    secret_key: 'a key that both of the hosts have been given',
    repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } },
  } as const
  const failure = await startGate({ config }).then(
    () => 'started',
    (error: unknown) => String(error),
  )
  expect(failure).toContain('ECONNREFUSED 127.0.0.1:1')
  expect(failure).not.toContain('hunter2')
})
