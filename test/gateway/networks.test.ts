import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { codeOf, REPOSITORY, startPair, type Pair } from './pair.ts'

let storage: Storage
let pair: Pair
beforeAll(async () => {
  storage = await startStorage('raw')
  pair = await startPair(`${storage.url}/raw/`)
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const create = (networks: readonly string[] | null): Promise<GateToken> =>
  pair.here.createToken(REPOSITORY, { limit_networks: networks })

/** What a client at this address is answered. */
async function outcome(
  token: GateToken,
  client: string,
  path = 'small.bin',
  method = 'GET',
): Promise<unknown> {
  const headers = { 'X-Forwarded-For': client }
  const answer = await pair.ask(pair.here, token, path, { headers, method })
  return codeOf(answer) ?? answer.status
}

describe('a token with networks', () => {
  test.each([
    ['203.0.113.7', 200],
    ['203.0.114.7', 'network_not_allowed'],
    ['::ffff:203.0.113.7', 200],
    ['::ffff:cb00:7107', 200],
    ['2001:db8:1:2::5', 200],
    // In the same /64, which counts as the same client.
    ['2001:db8:1:2::6', 'network_not_allowed'],
    ['[2001:db8:1:2::5]:4711', 200],
    ['198.51.100.1', 'network_not_allowed'],
    // What is no address leaves the proxy as the client.
    ['somewhere', 'network_not_allowed'],
    ['', 'network_not_allowed'],
    ['203.0.113.7, nonsense', 'network_not_allowed'],
    // The client wrote the first, the proxy the last.
    ['203.0.113.7, 198.51.100.1', 'network_not_allowed'],
  ])('from %s: %s', async (client, expected) => {
    const token = await create(['203.0.113.0/24', '2001:db8:1:2::5/128'])
    expect(await outcome(token, client)).toBe(expected)
  })

  test('works nowhere when its list is empty, and anywhere when it has none', async () => {
    const nowhere = await create([])
    expect(await outcome(nowhere, '203.0.113.7')).toBe('network_not_allowed')
    expect(await outcome(nowhere, '::1')).toBe('network_not_allowed')
    expect(await outcome(await create(null), '203.0.113.7')).toBe(200)
  })

  test('refuses elsewhere whatever is asked for, and tells nothing of what exists', async () => {
    const token = await create(['203.0.113.0/24'])
    const client = '198.51.100.1'
    expect(await outcome(token, client, 'missing.bin')).toBe('network_not_allowed')
    expect(await outcome(token, client, 'small.bin', 'HEAD')).toBe('network_not_allowed')
    expect(await outcome(token, client, '')).toBe('network_not_allowed')
  })

  test('charges nothing to who is refused', async () => {
    const token = await pair.here.createToken(REPOSITORY, {
      limit_networks: ['203.0.113.0/24'],
      limit_num_downloads: 5,
    })
    for (const client of ['198.51.100.1', '203.0.113.1']) await outcome(token, client)
    expect(await pair.read(token)).toMatchObject({ downloads: 1, clients: 1 })
  })

  test('that are changed are the new ones at once, and soon in every other process', async () => {
    const token = await create(['203.0.113.0/24'])
    const there = async (client: string): Promise<number> =>
      (await pair.ask(pair.there, token, 'small.bin', { headers: { 'X-Forwarded-For': client } })).status
    expect([await there('203.0.113.7'), await there('198.51.100.1')]).toEqual([200, 403])
    await pair.patch(token, { limit_networks: ['198.51.100.0/24'] })
    expect(await outcome(token, '198.51.100.1')).toBe(200)
    await waitFor(async () => (await there('203.0.113.7')) === 403)
    expect(await there('198.51.100.1')).toBe(200)
  })
})
