import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import {
  countersOf,
  deliver,
  granted,
  HOUR_MS,
  MINUTE_MS,
  newDelivery,
  newName,
  NOW,
  refused,
  SIZE,
  usageOf,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

async function listed(store: Store, token: string, periodStart: number | null = null) {
  return store.usage.listClients({ token, periodStart, page: 1, pageSize: 100 })
}

export function describeSeenClients(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('clients that count are listed, last seen first, with their downloads', async () => {
    const { one, other } = stores()
    const token = newName()
    await deliver(one, newDelivery({ token, client: 'a', now: NOW - 9 }), SIZE)
    await deliver(one, newDelivery({ token, client: 'b', now: NOW - 5 }), SIZE)
    await deliver(other, newDelivery({ token, client: 'a', now: NOW - 2 }), SIZE)
    const clients = new Map([['c', 4]])
    await other.usage.record([{ token, downloads: 4, bytes: 1, clients, lastUsedAt: NOW - 7 }])
    const all = [
      { client: 'a', downloads: 2, firstAt: NOW - 9, lastAt: NOW - 2 },
      { client: 'b', downloads: 1, firstAt: NOW - 5, lastAt: NOW - 5 },
      { client: 'c', downloads: 4, firstAt: NOW - 7, lastAt: NOW - 7 },
    ]
    expect(await listed(one, token)).toEqual({ total: 3, clients: all })
    const page = await other.usage.listClients({ token, periodStart: null, page: 2, pageSize: 2 })
    expect(page).toEqual({ total: 3, clients: all.slice(2) })
    expect(await listed(one, newName())).toEqual({ total: 0, clients: [] })
  })

  test('as many are listed as are counted, also when there are thousands', async () => {
    const { one } = stores()
    const token = newName()
    const clients = new Map(Array.from({ length: 2_500 }, (_, index) => [`client-${index}`, 1]))
    await one.usage.record([{ token, downloads: 2_500, bytes: 1, clients, lastUsedAt: NOW }])
    const { total, clients: some } = await listed(one, token)
    expect([total, some.length]).toEqual([2_500, 100])
  })

  test('one that is released gives its place to another, and needs one when it comes back', async () => {
    const { one, other } = stores()
    const limits = { token: newName(), limitClients: 2 }
    for (const client of ['a', 'b']) await deliver(one, newDelivery({ ...limits, client }), SIZE)
    await refused(other, newDelivery({ ...limits, client: 'c' }))
    const query = { token: limits.token, periodStart: null }
    expect(await other.usage.releaseClient({ ...query, client: 'a', dryRun: true })).toBe(true)
    expect(await other.usage.releaseClient({ ...query, client: 'z', dryRun: true })).toBe(false)
    await refused(other, newDelivery({ ...limits, client: 'c' }))
    expect(await other.usage.releaseClient({ ...query, client: 'a' })).toBe(true)
    expect((await listed(one, limits.token)).clients.map(({ client }) => client)).toEqual(['b'])
    await deliver(one, newDelivery({ ...limits, client: 'c' }), SIZE)
    expect(await refused(one, newDelivery({ ...limits, client: 'a' }))).toMatchObject({
      limit: 'clients',
      used: 2,
    })
    // Its download stays counted.
    expect(await countersOf(one, limits.token)).toEqual([3, 2, 3 * SIZE])
  })

  test('of many releases of one at once a single one does it', async () => {
    const { one, other } = stores()
    const token = newName()
    for (const client of ['a', 'b', 'c']) await deliver(one, newDelivery({ token, client }), SIZE)
    const query = { token, periodStart: null, client: 'b' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? one : other).usage.releaseClient(query)),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await countersOf(one, token)).toEqual([3, 2, 3 * SIZE])
    expect(await one.usage.releaseClient({ ...query, client: 'nobody' })).toBe(false)
    expect(await one.usage.releaseClient({ ...query, token: newName() })).toBe(false)
  })

  test('what is given back of a released one takes no other client away', async () => {
    const { one } = stores()
    const token = newName()
    const slow = await granted(one, newDelivery({ token, client: 'a' }))
    await deliver(one, newDelivery({ token, client: 'b' }), SIZE)
    await one.usage.releaseClient({ token, periodStart: null, client: 'a' })
    expect(await one.usage.settle(slow, 0, NOW)).toBe(1)
    expect(await countersOf(one, token)).toEqual([1, 1, SIZE])
  })

  test('a period that is over has none, and a release changes nothing', async () => {
    const { one } = stores()
    const token = newName()
    const before = NOW - HOUR_MS
    await deliver(one, newDelivery({ token, client: 'a', now: before }), SIZE)
    const periodStart = NOW - MINUTE_MS
    expect(await listed(one, token, periodStart)).toEqual({ total: 0, clients: [] })
    expect(await one.usage.releaseClient({ token, periodStart, client: 'a' })).toBe(false)
    expect(await usageOf(one, token)).toMatchObject({ epoch: 0, downloads: 1, clients: 1 })
    await one.usage.reset(token, NOW)
    expect(await listed(one, token)).toEqual({ total: 0, clients: [] })
  })

  test('a settlement tells how many downloads are given back by it', async () => {
    const { one, other } = stores()
    const token = newName()
    const [whole, cut] = [newDelivery({ token }), newDelivery({ token })]
    const sent = await granted(one, whole)
    const failed = await granted(one, cut)
    const free = await granted(one, newDelivery({ token, kind: 'free', limitBytes: 10 * SIZE }))
    expect(await other.usage.settle(sent, SIZE, NOW)).toBe(0)
    expect(await other.usage.settle(failed, 0, NOW)).toBe(1)
    expect(await one.usage.settle(failed, 0, NOW)).toBe(0)
    expect(await one.usage.settle(free, 0, NOW)).toBe(0)
    const ready = await granted(one, newDelivery({ token, isReady: true }))
    expect(await one.usage.settle(ready, 0, NOW)).toBe(1)
    expect(await one.usage.settle(ready, 0, NOW)).toBe(0)
    const late = await granted(one, newDelivery({ token }))
    await one.usage.reset(token, NOW)
    expect(await one.usage.settle(late, 0, NOW)).toBe(0)
  })
}
