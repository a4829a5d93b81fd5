import { describe, expect, test } from 'vitest'
import {
  countersOf,
  deliver,
  granted,
  MINUTE_MS,
  newDelivery,
  newName,
  NOW,
  PROBE,
  race,
  refused,
  SIZE,
  usageOf,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

export function describeLimits(open: OpenStore): void {
  const stores = useTwoStores(open)

  describe('of downloads', () => {
    test.each([
      [null, 3],
      [0, 0],
      [1, 1],
      [2, 2],
    ])('%j: of three downloads %j are granted', async (limitDownloads, expected) => {
      const { one } = stores()
      const token = newName()
      const requests = Array.from({ length: 3 }, () => newDelivery({ token, limitDownloads }))
      const answers = await Promise.all(requests.map((request) => one.usage.reserve(request)))
      expect(answers.filter((answer) => answer.granted)).toHaveLength(expected)
    })

    test('are never exceeded by 200 deliveries at once from two processes', async () => {
      const token = newName()
      const answers = await race(stores(), () => newDelivery({ token, limitDownloads: 50 }))
      const counts = answers.flatMap((answer) => (answer.granted ? [answer.downloads] : []))
      expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
      expect(await countersOf(stores().one, token)).toEqual([50, 50, 0])
    })

    test('are never exceeded by one file that is asked for 200 times at once', async () => {
      const fixed = newDelivery({ limitDownloads: 50 })
      const answers = await race(stores(), () => fixed)
      expect(answers.filter((answer) => answer.granted)).toHaveLength(50)
      expect(await countersOf(stores().one, fixed.token)).toEqual([50, 1, 0])
    })

    test('are exact while refunds and charges race', async () => {
      const token = newName()
      const answers = await race(stores(), () => newDelivery({ token, limitDownloads: 50 }))
      const reservations = answers.filter((answer) => answer.granted)
      const { one, other } = stores()
      const refunds = reservations.slice(0, 30).map((each) => other.usage.settle(each, 0, NOW))
      const more = Array.from({ length: 60 }, () =>
        one.usage.reserve(newDelivery({ token, limitDownloads: 50 })),
      )
      const [answered] = await Promise.all([Promise.all(more), Promise.all(refunds)])
      const extra = answered.filter((answer) => answer.granted).length
      expect(extra).toBeLessThanOrEqual(30)
      expect(await countersOf(one, token)).toEqual([20 + extra, 20 + extra, 0])
    })

    test('tell what is used up', async () => {
      const { one, other } = stores()
      const token = newName()
      await granted(one, newDelivery({ token, limitDownloads: 1 }))
      const answer = await refused(other, newDelivery({ token, limitDownloads: 1 }))
      expect(answer).toEqual({ granted: false, limit: 'downloads', used: 1 })
    })

    test('that were lowered below what is used refuse, and what is under way goes on', async () => {
      const { one } = stores()
      const token = newName()
      const first = await granted(one, newDelivery({ token }))
      await granted(one, newDelivery({ token }))
      expect(await refused(one, newDelivery({ token, limitDownloads: 1 }))).toMatchObject({ used: 2 })
      await one.usage.settle(first, SIZE, NOW)
      expect(await countersOf(one, token)).toEqual([2, 2, SIZE])
    })

    test('do not stop the resumption of a download that was charged', async () => {
      const { one } = stores()
      const request = newDelivery({ limitDownloads: 1 })
      await deliver(one, request, 400_000)
      expect(await deliver(one, { ...request, start: 400_000, now: NOW + MINUTE_MS }, 600_000)).toBe(0)
      expect(await refused(one, { ...request, now: NOW + 2 * MINUTE_MS })).toMatchObject({ used: 1 })
    })

    test('that were lowered do not stop the resumption of a download that was charged', async () => {
      const { one } = stores()
      const request = newDelivery({ limitDownloads: 9, limitClients: 9 })
      await granted(one, newDelivery({ token: request.token }))
      await deliver(one, request, 400_000)
      const lowered = { ...request, start: 400_000, limitDownloads: 1, limitClients: 1 }
      expect(await granted(one, lowered)).toMatchObject({ charged: 0, downloads: 2 })
    })
  })

  describe('of clients', () => {
    test.each([
      [null, 3],
      [0, 0],
      [1, 1],
    ])('%j: of three clients %j are served', async (limitClients, expected) => {
      const { one } = stores()
      const token = newName()
      const requests = Array.from({ length: 3 }, () => newDelivery({ token, limitClients }))
      const answers = await Promise.all(requests.map((request) => one.usage.reserve(request)))
      expect(answers.filter((answer) => answer.granted)).toHaveLength(expected)
    })

    test('are never exceeded by 200 deliveries at once from two processes', async () => {
      const token = newName()
      const clientOf = (index: number): string => `client-${index % 40}`
      const answers = await race(stores(), (index) =>
        newDelivery({ token, client: clientOf(index), limitClients: 10 }),
      )
      const served = answers.flatMap((answer) => (answer.granted ? [answer.client] : []))
      expect(new Set(served).size).toBe(10)
      expect(served).toHaveLength(50)
      expect(await countersOf(stores().one, token)).toEqual([50, 10, 0])
    })

    test('let known clients go on and tell others what is used up', async () => {
      const { one, other } = stores()
      const token = newName()
      const known = newDelivery({ token, limitClients: 1 })
      await granted(one, known)
      expect(
        await granted(other, { ...newDelivery({ token, limitClients: 1 }), client: known.client }),
      ).toMatchObject({
        clients: 1,
        downloads: 2,
      })
      const answer = await refused(other, newDelivery({ token, limitClients: 1 }))
      expect(answer).toEqual({ granted: false, limit: 'clients', used: 1 })
    })

    test('count no client whose only delivery failed', async () => {
      const { one, other } = stores()
      const token = newName()
      const failed = await granted(one, newDelivery({ token, limitClients: 1 }))
      await other.usage.settle(failed, 0, NOW)
      expect(await granted(one, newDelivery({ token, limitClients: 1 }))).toMatchObject({ clients: 1 })
    })

    test('count no client that only probed', async () => {
      const { one } = stores()
      const probe = newDelivery({ limitClients: 0, limitDownloads: 0, end: PROBE })
      expect(await deliver(one, probe, PROBE)).toBe(0)
      expect(await countersOf(one, probe.token)).toEqual([0, 0, PROBE])
    })
  })

  describe('a refused delivery', () => {
    test.each([
      ['downloads', { limitDownloads: 1 }],
      ['clients', { limitClients: 1 }],
    ])('changes nothing: %s', async (_limit, limit) => {
      const { one, other } = stores()
      const token = newName()
      await deliver(one, newDelivery({ token, ...limit }), SIZE)
      const before = await usageOf(one, token)
      const request = newDelivery({ token, ...limit, now: NOW + MINUTE_MS })
      await refused(other, request)
      await refused(one, request)
      expect(await usageOf(one, token)).toEqual(before)
      const unlimited = { ...request, limitDownloads: null, limitClients: null }
      expect(await granted(one, unlimited)).toMatchObject({ charged: 1, downloads: 2, clients: 2 })
    })

    test('is refused for one limit although the other has room', async () => {
      const { one } = stores()
      const token = newName()
      const limits = { limitDownloads: 5, limitClients: 1 }
      await granted(one, newDelivery({ token, ...limits }))
      expect(await refused(one, newDelivery({ token, ...limits }))).toMatchObject({ limit: 'clients' })
      expect(await countersOf(one, token)).toEqual([1, 1, 0])
    })
  })

  test('a dry run tells what would be answered and changes nothing', async () => {
    const { one } = stores()
    const request = newDelivery({ limitDownloads: 1, dryRun: true })
    expect(await granted(one, request)).toMatchObject({ charged: 1, downloads: 1, clients: 1 })
    expect(await granted(one, request)).toMatchObject({ charged: 1, downloads: 1, clients: 1 })
    expect(await usageOf(one, request.token)).toMatchObject({
      downloads: 0,
      lastUsedAt: null,
    })
    await granted(one, { ...request, dryRun: false })
    expect(await refused(one, request)).toMatchObject({ limit: 'downloads', used: 1 })
  })
}
