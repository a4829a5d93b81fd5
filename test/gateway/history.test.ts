import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { openRaw } from '../support/requests.ts'
import { REPOSITORY, startPair, type Pair } from './pair.ts'

const SOON = { timeout: 25_000, interval: 700 }
const LIMITS: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ['without a limit', {}],
  ['with a limit on downloads', { limit_num_downloads: 30 }],
  ['with all limits', { limit_num_downloads: 1_000, limit_num_clients: 9, limit_bandwidth: 10 ** 10 }],
]

let storage: Storage
let redis: RedisServer
const pairs = new Map<string, Pair>()
beforeAll(async () => {
  storage = await startStorage('raw')
  redis = await startRedis()
  const stores = { sqlite: {}, redis: { store: `redis://127.0.0.1:${redis.port}` } }
  for (const [name, store] of Object.entries(stores)) {
    const secret_key = 'a key that both of the gates have been given'
    pairs.set(name, await startPair(`${storage.url}/raw/`, { ...store, secret_key }))
  }
})
afterAll(async () => {
  for (const pair of pairs.values()) await pair[Symbol.asyncDispose]()
  await redis?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

interface Used {
  readonly downloads: number
  readonly bandwidth: number
}

/** Asks for the large file and hangs up, at once or after some of it has come. */
async function hangUp({ here }: Pair, { token }: GateToken, afterBytes: number): Promise<void> {
  using raw = await openRaw(here.port)
  raw.socket.write(
    `GET /${token}/${REPOSITORY}/large.bin HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.9\r\nConnection: close\r\n\r\n`,
  )
  // One that is refused is short.
  while (raw.received().length < afterBytes && !raw.socket.destroyed) {
    await Promise.race([once(raw.socket, 'data'), raw.closed])
  }
}

async function bodyOf<Body>({ here }: Pair, path: string): Promise<Body> {
  const { status, body } = await here.admin('GET', path)
  if (status !== 200) throw new Error(`${path} was answered with ${status}`)
  return body as Body
}

/** What is read, once it has not changed for two seconds: everything that is under way has ended and is written. */
async function settled<Read>(read: () => Promise<Read>): Promise<Read> {
  const seen: string[] = []
  await expect
    .poll(async () => {
      seen.push(JSON.stringify(await read()))
      return seen.length > 3 && new Set(seen.slice(-4)).size === 1
    }, SOON)
    .toBe(true)
  return JSON.parse(seen.at(-1) ?? '') as Read
}

const sum = (all: readonly Used[]): Used => ({
  downloads: all.reduce((total, each) => total + each.downloads, 0),
  bandwidth: all.reduce((total, each) => total + each.bandwidth, 0),
})

/** What everything that history tells adds up to. */
async function sumsOf(pair: Pair, token: GateToken): Promise<Record<string, Used>> {
  const self = `/entitlements/${REPOSITORY}/${token.slug_perm}`
  const hours = await bodyOf<{ total: Used; buckets: Used[] }>(pair, `${self}/usage/?interval=hour`)
  const days = await bodyOf<{ total: Used }>(pair, `${self}/usage/`)
  const packages = await bodyOf<Used[]>(pair, `${self}/packages/`)
  const path = `/downloads/${REPOSITORY}/?page_size=500&token=${token.slug_perm}`
  const log = await bodyOf<{ downloads: number; bytes: number }[]>(pair, path)
  return {
    hours: sum([hours.total]),
    buckets: sum(hours.buckets),
    days: sum([days.total]),
    packages: sum(packages),
    log: sum(log.map(({ downloads, bytes }) => ({ downloads, bandwidth: bytes }))),
  }
}

describe.each(['sqlite', 'redis'])('with the store %s', (name) => {
  test.each(LIMITS)(
    'what was used of a token %s is what its counters say, however it was used',
    async (_, limits) => {
      const pair = pairs.get(name)
      if (pair === undefined) throw new Error('not started')
      const { here, there, ask } = pair
      const token = await here.createToken(REPOSITORY, limits)
      const work: Promise<unknown>[] = []
      for (let index = 0; index < 40; index++) {
        const headers = { 'X-Forwarded-For': `198.51.100.${index % 4}` }
        const range = { ...headers, Range: `bytes=${index * 100_000}-${index * 100_000 + 99_999}` }
        const gate = index % 2 === 0 ? here : there
        work.push(
          ask(gate, token, 'small.bin', { headers }),
          ask(gate, token, 'large.bin', { headers: range }),
        )
        if (index % 8 === 0) {
          work.push(
            ask(gate, token, 'small.bin', { headers, method: 'HEAD' }),
            ask(gate, token, 'none.bin', { headers }),
          )
          work.push(hangUp(pair, token, 0), hangUp(pair, token, 100_000))
        }
      }
      await Promise.all(work)
      const { used, sums } = await settled(async () => {
        const { downloads, bandwidth } = await pair.read(token)
        return { used: { downloads, bandwidth: Number(bandwidth) }, sums: await sumsOf(pair, token) }
      })
      expect(used.downloads).toBeGreaterThan(20)
      expect(sums).toEqual({ hours: used, buckets: used, days: used, packages: used, log: used })
      const clients = await bodyOf<{ address: string; downloads: number }[]>(
        pair,
        `/entitlements/${REPOSITORY}/${token.slug_perm}/clients/`,
      )
      expect(clients).toHaveLength((await pair.read(token)).clients)
      expect(clients.reduce((total, { downloads }) => total + downloads, 0)).toBe(used.downloads)
    },
  )
})

describe('what the configuration says of history', () => {
  const url = (pair: Pair, path: string) => bodyOf<unknown[]>(pair, path)

  test('off: nothing is recorded, and limits and clients are as ever', async () => {
    await using pair = await startPair(`${storage.url}/raw/`, { history: 'off' })
    const token = await pair.here.createToken(REPOSITORY, { limit_num_clients: 1 })
    const headers = { 'X-Forwarded-For': '198.51.100.1' }
    expect((await pair.ask(pair.here, token, 'small.bin', { headers })).status).toBe(200)
    await pair.here.stop()
    const there = { ...pair, here: pair.there }
    expect(await url(there, `/downloads/${REPOSITORY}/`)).toEqual([])
    expect(await url(there, `/packages/${REPOSITORY}/`)).toEqual([])
    const clients = `/entitlements/${REPOSITORY}/${token.slug_perm}/clients/`
    expect(await url(there, clients)).toMatchObject([{ address: '198.51.100.1', downloads: 1 }])
    const other = { headers: { 'X-Forwarded-For': '198.51.100.2' } }
    expect((await pair.ask(pair.there, token, 'small.bin', other)).status).toBe(403)
    expect((await pair.there.admin('DELETE', `${clients}198.51.100.1/`)).status).toBe(204)
    expect((await pair.ask(pair.there, token, 'small.bin', other)).status).toBe(200)
  })

  test('what a process saw is written when it ends, without addresses and user agents where that is wanted', async () => {
    const history = { addresses: 'network', user_agents: false }
    await using pair = await startPair(`${storage.url}/raw/`, { history })
    const token = await pair.here.createToken(REPOSITORY)
    const headers = { 'X-Forwarded-For': '198.51.100.77', 'User-Agent': 'curl/8' }
    await pair.ask(pair.here, token, 'small.bin', { headers })
    await pair.here.stop()
    const log = await url({ ...pair, here: pair.there }, `/downloads/${REPOSITORY}/`)
    expect(log).toMatchObject([{ client: '198.51.100.0/24', user_agent: null, token: token.slug_perm }])
  })
})
