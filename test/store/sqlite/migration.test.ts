import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import type { Store, TokenQuery } from '../../../src/store/contract.ts'
import { MIGRATIONS } from '../../../src/store/sqlite/schema.ts'
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import {
  countersOf,
  granted,
  MINUTE_MS,
  newDelivery,
  newKey,
  newName,
  NOW,
  refused,
  SIZE,
  usageOf,
} from '../conformance/fixtures.ts'
import { FULL_KEY } from '../../../src/store/stored-key.ts'
import { NAME_SLOTS } from '../../../src/store/search/trigrams.ts'
import { countPlans, tokensWithPlans } from '../search/plans.ts'
import { createVersion1 } from './version-1.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-migration-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** How version 1 looks for a key. */
const AS_VERSION_1 = (digest: string): string => `SELECT id FROM api_keys WHERE digest = '${digest}'`

/** A token as version 1 wrote it. */
const TOKEN = {
  slugPerm: 'used',
  owner: 'acme',
  repo: 'deb',
  name: 'Old',
  digest: 'digest of old',
  sealedSecret: 'sealed',
  isActive: true,
  validFrom: null,
  validUntil: null,
  repositories: null,
  packages: null,
  limitDownloads: 5,
  limitClients: 3,
  metadata: null,
  createdAt: NOW,
  createdBy: 'ada',
  updatedAt: null,
  updatedBy: null,
}

const ALL: TokenQuery = {
  owner: 'acme',
  repos: ['deb'],
  page: 1,
  pageSize: 10,
  filter: null,
  order: 'name',
  descending: false,
  now: NOW,
}

function setUp() {
  const file = join(folder, `${newName()}.db`)
  createVersion1(file, NOW, [TOKEN])
  const open = (): Promise<Store> =>
    openSqliteStore({ file, synchronous: 'normal', processId: newName(), clock: Date.now })
  const ask = (sql: string): unknown => {
    const database = new DatabaseSync(file)
    const row = database.prepare(sql).get()
    database.close()
    return Object.values(row ?? {})[0]
  }
  return { file, open, ask }
}

describe('a database of version 1', () => {
  test('is brought up to date in place, and keeps its tokens, keys and counters', async () => {
    const { open, ask } = setUp()
    const store = await open()
    expect(ask('PRAGMA user_version')).toBe(MIGRATIONS.length)
    expect(await store.tokens.find(TOKEN.digest)).toMatchObject([TOKEN])
    expect(await store.keys.find('digest of k')).toMatchObject({ name: 'ci' })
    expect(await usageOf(store, 'used')).toEqual({
      epoch: 2,
      downloads: 3,
      clients: 2,
      bytes: 1_500_000,
      lastUsedAt: NOW,
      resetAt: NOW - 5_000,
    })
    await store.close()
  })

  test('goes on where it was: known clients, open downloads, limits that are new', async () => {
    const { open } = setUp()
    const store = await open()
    const limits = { limitDownloads: 4, limitClients: 2, limitBytes: 1_500_000 + SIZE, limitRate: 5 }
    const cut = { token: 'used', client: 'a', artifact: 'acme/deb/cut.deb', start: 400_000, ...limits }
    expect(await granted(store, newDelivery(cut))).toMatchObject({ charged: 0, clients: 2, downloads: 3 })
    expect(await refused(store, newDelivery({ token: 'used', ...limits }))).toMatchObject({
      limit: 'clients',
    })
    expect(await refused(store, newDelivery({ ...limits, token: 'used', client: 'b' }))).toMatchObject({
      limit: 'bytes',
    })
    const later = { token: 'used', limitClients: 2, clientsWindowMs: MINUTE_MS, now: NOW + 2 * MINUTE_MS }
    expect(await granted(store, newDelivery(later))).toMatchObject({ clients: 1, downloads: 4 })
    await store.close()
  })

  test('loses the clients of epochs that are over, and no others', async () => {
    const { open, ask } = setUp()
    const store = await open()
    expect(ask('SELECT count(*) FROM clients')).toBe(2)
    expect(ask('SELECT count(*) FROM past_epochs')).toBe(0)
    expect(await countersOf(store, 'used')).toEqual([3, 2, 1_500_000])
    await store.close()
  })

  test('is brought up to date once by many that open it at once', async () => {
    const { open, ask } = setUp()
    const stores = await Promise.all(Array.from({ length: 5 }, open))
    expect(ask('PRAGMA user_version')).toBe(MIGRATIONS.length)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('keeps its keys, which may do everything, until they are revoked', async () => {
    const { open, ask } = setUp()
    const store = await open()
    const key = { ...FULL_KEY, id: 'k', name: 'ci', digest: 'digest of k', createdAt: NOW }
    expect(await store.keys.find('digest of k')).toEqual(key)
    await store.keys.noteUse([{ digest: 'digest of k', at: NOW, address: '192.0.2.1' }])
    expect(ask(AS_VERSION_1('digest of k'))).toBe('k')
    expect(await store.keys.read('k')).toEqual({ ...key, lastUsedAt: NOW, lastUsedFrom: '192.0.2.1' })
    await store.keys.revoke('k', NOW, 'ada')
    expect(await store.keys.find('digest of k')).toBeUndefined()
    expect(ask(AS_VERSION_1('digest of k'))).toBeUndefined()
    expect(await store.keys.list({ page: 1, pageSize: 9, workingAt: null })).toMatchObject({
      keys: [{ id: 'k', revokedBy: 'ada' }],
    })
    await store.close()
  })

  test('shows an old process none of the keys that it would take for ones that may do everything', async () => {
    const { open, ask } = setUp()
    const store = await open()
    const limited = newKey({ role: 'viewer', repositories: ['acme/deb'] })
    await store.keys.create(limited)
    expect(ask(AS_VERSION_1(limited.digest))).toBeUndefined()
    await store.keys.update('k', { repositories: ['acme/deb'], updatedAt: NOW, updatedBy: 'ada' })
    expect(ask(AS_VERSION_1('digest of k'))).toBeUndefined()
    expect(await store.keys.find('digest of k')).toMatchObject({ repositories: ['acme/deb'] })
    await store.close()
  })

  test('is searched as soon as what searches need is made; by name its tokens are listed from the beginning', async () => {
    const { file, ask } = setUp()
    const open = (buildsIndex: boolean): Promise<Store> =>
      openSqliteStore({ file, synchronous: 'normal', processId: newName(), clock: Date.now, buildsIndex })
    const list = async (store: Store, query: Partial<TokenQuery>) =>
      (await store.tokens.list({ ...ALL, ...query })).tokens.map(({ name }) => name)
    const store = await open(false)
    expect(await list(store, {})).toEqual(['Old'])
    expect(await list(store, { filter: { kind: 'active', isActive: true } })).toEqual(['Old'])
    expect(await list(store, { filter: { kind: 'active', isActive: false } })).toEqual([])
    const search = { filter: { kind: 'word', pattern: 'old' }, order: 'created' } as const
    await expect(list(store, search)).rejects.toMatchObject({ name: 'StoreError', code: 'not_ready' })
    await store.tokens.update('acme', 'deb', 'used', { name: 'Very old', updatedAt: NOW, updatedBy: 'ada' })
    const builder = await open(true)
    await expect.poll(() => list(store, search).catch(() => [])).toEqual(['Very old'])
    expect(ask('SELECT count(*) FROM search_facts')).toBe(1)
    while ((await builder.tokens.refreshUsage(NOW, 10)) > 0);
    const used = { filter: { kind: 'figure', figure: 'downloads', least: 3, most: 3 } } as const
    expect(await list(store, used)).toEqual(['Very old'])
    await Promise.all([store.close(), builder.close()])
  })

  test('that can not be brought up to date is left as it was', async () => {
    const { file, open, ask } = setUp()
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE underway (mine)')
    database.close()
    await expect(open()).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' })
    expect(ask('PRAGMA user_version')).toBe(1)
    expect(ask("SELECT count(*) FROM pragma_table_info('usage')")).toBe(7)
  })
})

/** Makes of a database what version 7 would have written, which knew no bits of metadata. */
const AS_VERSION_7 = `
DELETE FROM search_bits WHERE slot >= ${NAME_SLOTS};
ALTER TABLE search_state DROP COLUMN knows_pairs;
PRAGMA user_version = 7;
`

test('a database of version 7 is searched by metadata all the time, and by its bits as soon as those are made', async () => {
  const file = join(folder, `${newName()}.db`)
  const open = (buildsIndex: boolean): Promise<Store> =>
    openSqliteStore({ file, synchronous: 'normal', processId: newName(), clock: Date.now, buildsIndex })
  const earlier = await open(true)
  const tokens = tokensWithPlans(60)
  for (const token of tokens) await earlier.tokens.create(token)
  await earlier.close()
  const database = new DatabaseSync(file)
  database.exec(AS_VERSION_7)

  const store = await open(false)
  const bits = database.prepare(`SELECT count(*) AS rows FROM search_bits WHERE slot >= ${NAME_SLOTS}`)
  const knows = database.prepare('SELECT knows_pairs FROM search_state')
  expect(await countPlans(store, ALL)).toEqual({ trial: 30, team: 30 })
  const [first, second] = tokens
  const news = { updatedAt: NOW, updatedBy: 'ada' }
  await store.tokens.update('acme', 'deb', first?.slugPerm ?? '', { ...news, metadata: { plan: 'team' } })
  await store.tokens.update('acme', 'deb', second?.slugPerm ?? '', { ...news, name: 'Customer 1 (new)' })
  expect(await countPlans(store, ALL)).toEqual({ trial: 29, team: 31 })
  expect(knows.get()).toEqual({ knows_pairs: 0 })

  const builder = await open(true)
  await expect.poll(() => knows.get()).toEqual({ knows_pairs: 1 })
  expect(bits.get()).toEqual({ rows: 4 })
  expect(await countPlans(store, ALL)).toEqual({ trial: 29, team: 31 })
  await Promise.all([store.close(), builder.close()])
  database.close()
})
