import { describe, expect, test } from 'vitest'
import type { DeliveryRequest } from '../../../src/store/contract.ts'
import {
  countersOf,
  DAY_MS,
  deliver,
  granted,
  grantedOf,
  HOUR_MS,
  MINUTE_MS,
  newDelivery,
  newName,
  NOW,
  PROBE,
  race,
  refused,
  SIZE,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

/** Clients that are forgotten after a time unseen. */
export function describeClientsWindow(open: OpenStore): void {
  const stores = useTwoStores(open)
  /** A token with two places; `at` is in days. */
  const setUp = (fields: Partial<DeliveryRequest> = {}) => {
    const token = newName()
    const visit = (client: string, at: number, more: Partial<DeliveryRequest> = {}): DeliveryRequest =>
      newDelivery({
        token,
        client,
        now: NOW + at * DAY_MS,
        limitClients: 2,
        clientsWindowMs: DAY_MS,
        ...fields,
        ...more,
      })
    return { token, visit }
  }

  test('a client unseen for the window gives its place to another', async () => {
    const { one, other } = stores()
    const { token, visit } = setUp()
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 0.5))
    const soon = visit('c', 1)
    expect(await refused(other, { ...soon, now: soon.now - 1 })).toEqual({
      granted: false,
      limit: 'clients',
      used: 2,
    })
    expect(await granted(other, soon)).toMatchObject({ clients: 2, downloads: 3 })
    expect(await countersOf(one, token)).toEqual([3, 2, 0])
    expect(await refused(one, visit('a', 1.1))).toMatchObject({ limit: 'clients', used: 2 })
  })

  test('keeps its place as long as nobody needs it', async () => {
    const { one } = stores()
    const { visit } = setUp()
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 5))
    expect(await granted(one, visit('a', 9))).toMatchObject({ clients: 2 })
  })

  test('all that were unseen are forgotten when a place is needed', async () => {
    const { one } = stores()
    const { visit } = setUp()
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 0))
    expect(await granted(one, visit('c', 2))).toMatchObject({ clients: 1 })
    expect(await granted(one, visit('b', 2))).toMatchObject({ clients: 2 })
    expect(await refused(one, visit('a', 2))).toMatchObject({ used: 2 })
  })

  test('being served keeps a place, charged or covered', async () => {
    const { one } = stores()
    const { visit } = setUp({ clientsWindowMs: 30 * MINUTE_MS })
    const first = visit('a', 0)
    await deliver(one, first, 300_000)
    await granted(one, visit('b', 0))
    const resumed = { ...first, start: 300_000, now: NOW + 20 * MINUTE_MS }
    expect(await deliver(one, resumed, 100)).toBe(0)
    const later = NOW + 35 * MINUTE_MS
    expect(await granted(one, { ...visit('c', 0), now: later })).toMatchObject({ clients: 2 })
    expect(await granted(one, { ...visit('a', 0), now: later })).toMatchObject({ clients: 2 })
    expect(await refused(one, { ...visit('b', 0), now: later })).toMatchObject({ limit: 'clients' })
  })

  test('a client that was forgotten needs a place for its resumption, too', async () => {
    const { one } = stores()
    const { token, visit } = setUp({ clientsWindowMs: 10 * MINUTE_MS, limitClients: 1 })
    const first = visit('a', 0)
    await deliver(one, first, 300_000)
    const at = (minutes: number): { now: number } => ({ now: NOW + minutes * MINUTE_MS })
    await granted(one, { ...visit('b', 0), ...at(20) })
    const resumed = { ...first, start: 300_000 }
    expect(await refused(one, { ...resumed, ...at(25) })).toEqual({
      granted: false,
      limit: 'clients',
      used: 1,
    })
    expect(await granted(one, { ...resumed, ...at(30) })).toMatchObject({ charged: 0, clients: 1 })
    expect(await refused(one, { ...visit('b', 0), ...at(31) })).toMatchObject({ limit: 'clients' })
    expect((await countersOf(one, token))[0]).toBe(2)
  })

  test('a probe takes and keeps no place', async () => {
    const { one } = stores()
    const { visit } = setUp({ limitClients: 1 })
    await granted(one, visit('a', 0))
    const probe = { start: SIZE - PROBE }
    expect(await granted(one, visit('a', 0.9, probe))).toMatchObject({ charged: 0 })
    expect(await granted(one, visit('b', 0.9, probe))).toMatchObject({ charged: 0, clients: 1 })
    expect(await granted(one, visit('c', 1))).toMatchObject({ clients: 1 })
  })

  test('what is given back for a client that was forgotten forgets nobody else, and not itself when it is back', async () => {
    const { one } = stores()
    const { token, visit } = setUp({ limitClients: 1 })
    const slow = await granted(one, visit('a', 0))
    await granted(one, visit('b', 1))
    await one.usage.settle(slow, 0, NOW + DAY_MS)
    expect(await countersOf(one, token)).toEqual([1, 1, 0])
    const slower = await granted(one, visit('a', 2))
    await granted(one, visit('b', 3))
    await granted(one, visit('a', 4))
    await one.usage.settle(slower, 0, NOW + 4 * DAY_MS)
    expect(await countersOf(one, token)).toEqual([3, 1, 0])
    expect(await refused(one, visit('c', 4))).toMatchObject({ limit: 'clients' })
  })

  test('what is given back for a client is known although others took its place in turn', async () => {
    const { one } = stores()
    const { token, visit } = setUp({ limitClients: 1 })
    const slow = await granted(one, visit('a', 0))
    await granted(one, visit('b', 1))
    await granted(one, visit('c', 2))
    await granted(one, visit('a', 3))
    await one.usage.settle(slow, 0, NOW + 3 * DAY_MS)
    expect(await countersOf(one, token)).toEqual([3, 1, 0])
    expect(await refused(one, visit('d', 3))).toMatchObject({ limit: 'clients', used: 1 })
  })

  test('a window of a month is one', async () => {
    const { one } = stores()
    const { visit } = setUp({ clientsWindowMs: 30 * DAY_MS })
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 20))
    expect(await granted(one, visit('c', 30))).toMatchObject({ clients: 2 })
    expect(await granted(one, visit('b', 31))).toMatchObject({ clients: 2 })
    expect(await refused(one, visit('a', 31))).toMatchObject({ limit: 'clients', used: 2 })
  })

  test('those of the last period make no room in the next', async () => {
    const { one, token, visit } = { ...stores(), ...setUp() }
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 0))
    const closed = { limitClients: 0, periodStart: NOW + 2 * DAY_MS }
    expect(await refused(one, visit('c', 2, closed))).toEqual({ granted: false, limit: 'clients', used: 0 })
    expect(await countersOf(one, token)).toEqual([2, 2, 0])
  })

  test('where a limit was lowered, those who are seen go on and those who were not need a place', async () => {
    const { one } = stores()
    const { visit } = setUp({ limitClients: 3 })
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 1))
    await granted(one, visit('c', 1))
    const lowered = { limitClients: 2 }
    expect(await granted(one, visit('b', 1.5, lowered))).toMatchObject({ clients: 3 })
    expect(await refused(one, visit('a', 1, lowered))).toMatchObject({ limit: 'clients', used: 2 })
    expect(await refused(one, visit('a', 1.5, lowered))).toMatchObject({ limit: 'clients', used: 2 })
    expect(await granted(one, visit('d', 2.2, lowered))).toMatchObject({ clients: 2 })
  })

  test('without a window nobody is forgotten', async () => {
    const { one } = stores()
    const { visit } = setUp({ clientsWindowMs: null })
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 0))
    expect(await refused(one, visit('c', 3_650))).toMatchObject({ limit: 'clients', used: 2 })
  })

  test('a refusal and a dry run forget nobody', async () => {
    const { one } = stores()
    const { token, visit } = setUp()
    await granted(one, visit('a', 0))
    await granted(one, visit('b', 0.5))
    await granted(one, visit('c', 1.2, { dryRun: true }))
    await refused(one, visit('c', 1.2, { limitBytes: 0 }))
    await refused(one, visit('c', 1.2, { limitClients: 1 }))
    expect(await countersOf(one, token)).toEqual([2, 2, 0])
    expect(await granted(one, visit('a', 1.3))).toMatchObject({ clients: 2 })
  })

  test('clients of unlimited traffic are seen when it was', async () => {
    const { one } = stores()
    const { token, visit } = setUp({ limitClients: 1 })
    const clients = new Map([['a', 1]])
    await one.usage.record([{ token, downloads: 1, bytes: 1, clients, lastUsedAt: NOW + HOUR_MS }])
    await one.usage.record([{ token, downloads: 1, bytes: 1, clients, lastUsedAt: NOW }])
    expect(await refused(one, visit('b', 1))).toMatchObject({ limit: 'clients' })
    expect(await granted(one, visit('b', 1.05))).toMatchObject({ clients: 1 })
  })

  test('those of one token only are forgotten', async () => {
    const { one } = stores()
    const [first, second] = [setUp({ limitClients: 1 }), setUp({ limitClients: 1 })]
    await granted(one, first.visit('a', 0))
    await granted(one, second.visit('a', 0))
    await granted(one, first.visit('b', 1))
    expect(await countersOf(one, second.token)).toEqual([1, 1, 0])
    expect(await granted(one, second.visit('a', 1))).toMatchObject({ clients: 1, downloads: 2 })
  })

  describe('200 new clients at once from two processes', () => {
    test('get the places of those who were unseen, and no more', async () => {
      const { one } = stores()
      const { token, visit } = setUp({ limitClients: 30 })
      for (let count = 0; count < 30; count++) await granted(one, visit(`old-${count}`, count < 20 ? 0 : 0.5))
      const answers = await race(stores(), (index) => visit(`new-${index}`, 1))
      expect(grantedOf(answers)).toHaveLength(20)
      expect((await countersOf(one, token))[1]).toBe(30)
    })
  })
}
