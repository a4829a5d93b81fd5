import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'
import { REPOSITORY, startPair, type Pair } from './pair.ts'

const DAY_MS = 86_400_000
const NPM = 'acme/js'

let storage: Storage
let pair: Pair
beforeAll(async () => {
  storage = await startStorage('raw', 'npm')
  pair = await startPair(`${storage.url}/raw/`, {
    repositories: {
      [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` },
      'acme/free': { format: 'raw', upstream: `${storage.url}/raw/`, public: true },
      [NPM]: { format: 'npm', upstream: `${storage.url}/npm/` },
    },
  })
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const create = (fields: object): Promise<GateToken> => pair.here.createToken(REPOSITORY, { ...fields })
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString()
const secondsOnly = (instant: string): string => instant.replace(/\.\d+Z/, 'Z')

function warningsOf({ headers }: Answer): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(?:x-postern-|ratelimit|npm-notice)/.test(name)),
  )
}

describe('an answer tells', () => {
  test('what is left of downloads and bandwidth, and when they begin anew', async () => {
    const anchor = secondsOnly(inDays(-1.5))
    const token = await create({
      limit_num_downloads: 3,
      limit_bandwidth: 5,
      limit_bandwidth_unit: 'Kilobyte',
      scheduled_reset_period: 'Daily',
      scheduled_reset_at: anchor,
    })
    const resets = new Date(Date.parse(anchor) + 2 * DAY_MS).toISOString().replace('.000Z', 'Z')
    const left = async (): Promise<unknown> => warningsOf(await pair.ask(pair.here, token, 'small.bin'))
    expect(await left()).toEqual({
      'x-postern-downloads-left': '2',
      'x-postern-bandwidth-left': String(5_000 - 1_024),
      'x-postern-resets': resets,
    })
    expect(await left()).toMatchObject({ 'x-postern-downloads-left': '1' })
    expect(await left()).toMatchObject({ 'x-postern-downloads-left': '0' })
  })

  test('when the token expires, also with HEAD and 304', async () => {
    const until = secondsOnly(inDays(30))
    const token = await create({ limit_date_range_to: until })
    const answers = [
      await pair.ask(pair.here, token, 'small.bin'),
      await pair.ask(pair.here, token, 'small.bin', { method: 'HEAD' }),
      await pair.ask(pair.here, token, 'small.bin', { headers: { 'If-Modified-Since': secondsAhead() } }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 304])
    for (const answer of answers) expect(warningsOf(answer)).toEqual({ 'x-postern-expires': until })
  })

  test.each([
    [5, '"requests";q=5;w=1'],
    [2.5, '"requests";q=2;w=1'],
    [0.25, '"requests";q=1;w=4'],
  ])('the policy of a rate of %d', async (rate, policy) => {
    const token = await create({ limit_rate: rate })
    expect(warningsOf(await pair.ask(pair.here, token, 'small.bin'))).toEqual({ 'ratelimit-policy': policy })
  })

  test('nothing to who has no limits', async () => {
    expect(warningsOf(await pair.ask(pair.here, await create({}), 'small.bin'))).toEqual({})
  })

  test('nothing where no token is asked for', async () => {
    const answer = await get(`${pair.here.url}/public/acme/free/small.bin`)
    expect([answer.status, warningsOf(answer)]).toEqual([200, {}])
  })

  test('nothing when it is not the file', async () => {
    const token = await create({ limit_num_downloads: 0, limit_date_range_to: inDays(1) })
    expect(warningsOf(await pair.ask(pair.here, token, 'small.bin'))).toEqual({})
  })

  test('it is not to be kept by caches for others', async () => {
    const token = await create({ limit_num_downloads: 3 })
    const { headers } = await pair.ask(pair.here, token, 'small.bin')
    expect(headers['cache-control']).toContain('private')
  })

  test('the file as it is', async () => {
    const token = await create({ limit_num_downloads: 3, limit_bandwidth: 5_000, limit_rate: 100 })
    const free = await create({})
    const [warned, plain] = [
      await pair.ask(pair.here, token, 'small.bin'),
      await pair.ask(pair.here, free, 'small.bin'),
    ]
    const digest = ({ body }: Answer): string => createHash('sha256').update(body).digest('hex')
    expect(digest(warned)).toBe(digest(plain))
    expect(warned.headers['etag']).toBe(plain.headers['etag'])
  })
})

function secondsAhead(): string {
  return new Date(Date.now() + 5_000).toUTCString()
}

describe('npm is given a notice', () => {
  const TARBALL = '@acme/widget'
  const createHere = (fields: Readonly<Record<string, unknown>>): Promise<GateToken> =>
    pair.here.createToken(NPM, fields)
  const notice = async ({ token }: GateToken, client = '198.51.100.1'): Promise<unknown> => {
    const headers = { 'X-Forwarded-For': client }
    const answer = await get(`${pair.here.url}/${token}/${NPM}/${TARBALL}`, { headers })
    expect(answer.status).toBe(200)
    return answer.headers['npm-notice']
  }

  test('when the token expires within a week, once in a while to each client', async () => {
    const token = await createHere({ limit_date_range_to: inDays(6) })
    expect(await notice(token)).toMatch(/^Your entitlement token expires at 2\d{3}-/)
    expect(await notice(token)).toBeUndefined()
    expect(await notice(token, '198.51.100.2')).toMatch(/expires at/)
  })

  test('when a tenth of the bandwidth is left', async () => {
    const token = await createHere({ limit_bandwidth: 1_000_000 })
    expect(await notice(token)).toBeUndefined()
    const size = Number((await pair.here.readToken(NPM, token.slug_perm))['bandwidth'])
    const nearly = await createHere({ limit_bandwidth: size + 10 })
    expect(await notice(nearly)).toBe(
      `Your entitlement token has 10 of ${size + 10} bytes left. Ask your vendor for more.`,
    )
  })

  test('and none when the end is far', async () => {
    expect(await notice(await createHere({ limit_date_range_to: inDays(8) }))).toBeUndefined()
  })
})
