import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store, TokenQuery } from '../../../src/store/contract.ts'
import { pairKey } from '../../../src/policy/search/metadata.ts'
import { slotsOfPair } from '../../../src/store/search/slots.ts'
import { inGroups } from '../../../src/store/slices.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { deliver, newDelivery, newToken, NOW } from '../conformance/fixtures.ts'
import { countPlans, tokensWithPlans } from '../search/plans.ts'
import { openStore, serverAt } from './open.ts'

let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const KEYS = 'postern:{tokens}'
/** Here because no argument of a program can hold a NUL. */
const WRITE = `
for _, token in ipairs(cjson.decode(ARGV[2])) do
  redis.call('HSET', ARGV[1] .. ':records', token.slugPerm, cjson.encode(token))
  for _, set in ipairs({ 'names', 'active-names' }) do
    redis.call('ZADD', ARGV[1] .. ':' .. set .. ':acme/deb', 0, token.name .. string.char(0) .. token.slugPerm)
  end
  redis.call('HSET', ARGV[1] .. ':digest:' .. token.digest, 'acme/deb', token.slugPerm)
end`
const ALL: TokenQuery = {
  owner: 'acme',
  repos: ['deb'],
  page: 1,
  pageSize: 500,
  filter: null,
  order: 'name',
  descending: false,
  now: NOW,
}

/** Writes tokens as versions without searches did. */
async function writeEarlier(count: number) {
  const tokens = Array.from({ length: count }, (_, at) => newToken({ repo: 'deb', name: `Customer ${at}` }))
  for (const some of inGroups(tokens, 50)) {
    await server.command('EVAL', WRITE, '0', KEYS, JSON.stringify(some))
  }
  return tokens
}

async function names(store: Store, query: Partial<TokenQuery>): Promise<readonly string[]> {
  return (await store.tokens.list({ ...ALL, ...query })).tokens.map(({ name }) => name)
}

test('tokens of an earlier version are listed by name at once, and searched when what that needs is made', async () => {
  const tokens = await writeEarlier(250)
  const store = await openStore(serverAt(server.port), { examines: false })
  expect(await names(store, {})).toHaveLength(250)
  expect(await names(store, { filter: { kind: 'active', isActive: true } })).toHaveLength(250)
  const search = { filter: { kind: 'word', pattern: 'customer 24' } } as const
  await expect(names(store, search)).rejects.toMatchObject({ name: 'StoreError', code: 'not_ready' })
  const [first] = tokens
  await store.tokens.update('acme', 'deb', first?.slugPerm ?? '', {
    name: 'Customer 24 (new)',
    updatedAt: NOW,
    updatedBy: 'ada',
  })
  await deliver(store, newDelivery({ token: first?.slugPerm ?? '' }), 10)

  const builder = await openStore(serverAt(server.port), { examines: true })
  await expect.poll(() => names(store, search).catch(() => [])).toHaveLength(12)
  while ((await builder.tokens.refreshUsage(NOW, 500)) > 0);
  const used = { filter: { kind: 'figure', figure: 'downloads', least: 1, most: 1 } } as const
  expect(await names(store, used)).toEqual(['Customer 24 (new)'])
  expect((await store.tokens.list({ ...ALL, order: 'expires', descending: true })).total).toBe(250)
  await Promise.all([store.close(), builder.close()])
})

test('metadata whose bits an earlier version did not write is searched all the time, and by its bits when they are made', async () => {
  const prefix = 'bits'
  const open = (examines: boolean): Promise<Store> => openStore(serverAt(server.port), { prefix, examines })
  const earlier = await open(true)
  const tokens = tokensWithPlans(250)
  for (const token of tokens) await earlier.tokens.create(token)
  await earlier.close()
  const ready = `${prefix}:{tokens}:search-ready`
  const rows = ['trial', 'team'].flatMap((plan) =>
    slotsOfPair(pairKey('plan', plan)).map((slot) => `${prefix}:{tokens}:search-bits:${slot}`),
  )
  await server.command('DEL', ...rows)
  await server.command('SET', ready, '1')

  const store = await open(false)
  expect(await countPlans(store, ALL)).toEqual({ trial: 125, team: 125 })
  const [first, second] = tokens
  const news = { updatedAt: NOW, updatedBy: 'ada' }
  await store.tokens.update('acme', 'deb', first?.slugPerm ?? '', { ...news, metadata: { plan: 'team' } })
  await store.tokens.update('acme', 'deb', second?.slugPerm ?? '', { ...news, name: 'Customer 1 (new)' })
  expect(await countPlans(store, ALL)).toEqual({ trial: 124, team: 126 })

  const builder = await open(true)
  await expect.poll(() => server.command('GET', ready)).toBe('2')
  const bits = await Promise.all(rows.map((key) => server.command('BITCOUNT', key)))
  expect(bits.map(Number)).toEqual([124, 124, 126, 126])
  expect(await countPlans(store, ALL)).toEqual({ trial: 124, team: 126 })
  await Promise.all([store.close(), builder.close()])
})
