import { describe, expect, test } from 'vitest'
import {
  countersOf,
  deliver,
  granted,
  HOUR_MS,
  MINUTE_MS,
  newDelivery,
  newName,
  NOW,
  SIZE,
  usageOf,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

const UNUSED = { epoch: 0, downloads: 0, clients: 0, bytes: 0, lastUsedAt: null, resetAt: null }

export function describeUsage(open: OpenStore): void {
  const stores = useTwoStores(open)
  test('is told in the order of the tokens, zeroes for what was never used', async () => {
    const { one, other } = stores()
    const used = newDelivery()
    await granted(one, used)
    const [first, second, third] = await other.usage.read(
      [newName(), used.token, newName()].map((token) => ({ token, periodStart: null })),
    )
    expect(first).toEqual(UNUSED)
    expect(second).toEqual({ ...UNUSED, downloads: 1, clients: 1, lastUsedAt: NOW })
    expect(third).toEqual(UNUSED)
    expect(await other.usage.read([])).toEqual([])
  })

  test('a reservation carries the counters after its charge', async () => {
    const { one, other } = stores()
    const request = newDelivery()
    await granted(one, request)
    const answer = await granted(other, newDelivery({ token: request.token }))
    const { token, client, artifact } = answer
    expect(answer).toEqual({
      granted: true,
      id: answer.id,
      token,
      client,
      artifact,
      epoch: 0,
      charged: 1,
      reservedBytes: 0,
      downloads: 2,
      clients: 2,
      bytes: 0,
    })
  })

  test('the last use is the latest, whatever order the processes write in', async () => {
    const { one, other } = stores()
    const token = newName()
    const early = await granted(one, newDelivery({ token }))
    await granted(other, newDelivery({ token, now: NOW + HOUR_MS }))
    await granted(one, newDelivery({ token, now: NOW + MINUTE_MS }))
    await granted(one, newDelivery({ token, kind: 'free', limitBytes: SIZE, now: NOW + MINUTE_MS }))
    await one.usage.settle(early, SIZE, NOW + MINUTE_MS)
    await one.usage.record([{ token, downloads: 0, bytes: 1, clients: new Map(), lastUsedAt: NOW }])
    expect((await usageOf(one, token)).lastUsedAt).toBe(NOW + HOUR_MS)
  })

  describe('a settlement', () => {
    test('adds the bytes that were sent, once, whoever settles', async () => {
      const { one, other } = stores()
      const reservation = await granted(one, newDelivery())
      await Promise.all([
        one.usage.settle(reservation, SIZE, NOW),
        other.usage.settle(reservation, SIZE, NOW),
        one.usage.settle(reservation, 0, NOW),
      ])
      await other.usage.settle(reservation, 17, NOW)
      expect(await countersOf(one, reservation.token)).toEqual([1, 1, SIZE])
    })

    test('gives back the download of which nothing was sent, once, and forgets its client', async () => {
      const { one, other } = stores()
      const token = newName()
      await granted(one, newDelivery({ token }))
      const failed = await granted(one, newDelivery({ token }))
      await Promise.all([one.usage.settle(failed, 0, NOW), other.usage.settle(failed, 0, NOW)])
      expect(await countersOf(one, token)).toEqual([1, 1, 0])
    })

    test('forgets no client that downloaded something else', async () => {
      const { one } = stores()
      const served = newDelivery()
      await deliver(one, served, SIZE)
      const failed = await granted(one, { ...served, artifact: newName() })
      await one.usage.settle(failed, 0, NOW)
      expect(await countersOf(one, served.token)).toEqual([1, 1, SIZE])
    })

    test('does not give back a download that others have used', async () => {
      const { one } = stores()
      const request = newDelivery()
      const idle = await granted(one, request)
      expect(await deliver(one, { ...request, start: 1 }, SIZE - 1)).toBe(0)
      await one.usage.settle(idle, 0, NOW)
      expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE - 1])
    })

    test('counts its bytes, once, also when its download was over long before', async () => {
      const { one, other } = stores()
      const request = newDelivery()
      const slow = await granted(one, request)
      const next = await granted(other, { ...request, now: NOW + HOUR_MS })
      expect(next.charged).toBe(1)
      await one.usage.settle(slow, SIZE, NOW + 2 * HOUR_MS)
      await one.usage.settle(slow, SIZE, NOW + 2 * HOUR_MS)
      await one.usage.settle(next, 5, NOW + 2 * HOUR_MS)
      expect(await countersOf(one, request.token)).toEqual([2, 1, SIZE + 5])
    })

    test('counts its bytes when the file was replaced meanwhile', async () => {
      const { one } = stores()
      const request = newDelivery()
      const old = await granted(one, request)
      expect(await deliver(one, { ...request, size: 2 * SIZE, end: 2 * SIZE }, 2 * SIZE)).toBe(1)
      await one.usage.settle(old, SIZE, NOW)
      expect(await countersOf(one, request.token)).toEqual([2, 1, 3 * SIZE])
    })
  })

  describe('a reset', () => {
    test('starts the next epoch with all counters at zero', async () => {
      const { one, other } = stores()
      const request = newDelivery()
      await deliver(one, request, SIZE)
      await other.usage.reset(request.token, NOW + MINUTE_MS)
      const usage = await usageOf(one, request.token)
      expect(usage).toEqual({ ...UNUSED, epoch: 1, lastUsedAt: NOW, resetAt: NOW + MINUTE_MS })
      await one.usage.reset(request.token, NOW + HOUR_MS)
      expect(await usageOf(other, request.token)).toMatchObject({
        epoch: 2,
        resetAt: NOW + HOUR_MS,
      })
    })

    test('of a token that was never used counts too', async () => {
      const { one } = stores()
      const token = newName()
      await one.usage.reset(token, NOW)
      expect(await usageOf(one, token)).toEqual({
        ...UNUSED,
        epoch: 1,
        resetAt: NOW,
      })
    })

    test.each([0, 500_000, SIZE])('makes a late settlement of %i bytes change nothing', async (sent) => {
      const { one, other } = stores()
      const request = newDelivery()
      const late = await granted(one, request)
      await other.usage.reset(request.token, NOW)
      const current = await granted(other, request)
      expect(current).toMatchObject({ charged: 1, epoch: 1, downloads: 1, clients: 1 })
      await one.usage.settle(late, sent, NOW)
      expect(await countersOf(one, request.token)).toEqual([1, 1, 0])
      await one.usage.settle(current, SIZE, NOW)
      expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
    })

    test('leaves the other tokens alone', async () => {
      const { one } = stores()
      const request = newDelivery()
      await deliver(one, request, SIZE)
      await one.usage.reset(newName(), NOW)
      expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
    })
  })

  describe('traffic that guards no limit', () => {
    const delta = { downloads: 3, bytes: 100, lastUsedAt: NOW }

    test('is added to the counters, and each client is counted once', async () => {
      const { one, other } = stores()
      const [token, second] = [newName(), newName()]
      const clients = new Map([
        ['a', 2],
        ['b', 1],
      ])
      await one.usage.record([
        { ...delta, token, clients },
        { ...delta, token: second, clients: new Map() },
      ])
      await other.usage.record([{ ...delta, token, clients }])
      expect(
        await one.usage.read([token, second].map((each) => ({ token: each, periodStart: null }))),
      ).toEqual([
        { ...UNUSED, downloads: 6, clients: 2, bytes: 200, lastUsedAt: NOW },
        { ...UNUSED, downloads: 3, bytes: 100, lastUsedAt: NOW },
      ])
    })

    test('is guarded by a limit that comes later', async () => {
      const { one } = stores()
      const token = newName()
      await one.usage.record([{ ...delta, token, clients: new Map([['a', 3]]) }])
      const request = newDelivery({ token, limitDownloads: 4, limitClients: 1 })
      expect(await one.usage.reserve(request)).toEqual({ granted: false, limit: 'clients', used: 1 })
      expect(await granted(one, { ...request, client: 'a' })).toMatchObject({ downloads: 4, clients: 1 })
      expect(
        await one.usage.reserve(newDelivery({ ...request, client: 'a', artifact: newName() })),
      ).toMatchObject({ limit: 'downloads', used: 4 })
    })

    test('may be taken back, and forgets a client of whom nothing is left', async () => {
      const { one } = stores()
      const token = newName()
      await one.usage.record([
        {
          ...delta,
          token,
          clients: new Map([
            ['a', 2],
            ['b', 1],
          ]),
        },
      ])
      const back = { token, downloads: -1, bytes: 0, clients: new Map([['b', -1]]), lastUsedAt: NOW }
      await one.usage.record([back])
      expect(await countersOf(one, token)).toEqual([2, 1, 100])
      await one.usage.record([{ ...back, clients: new Map([['unknown', -1]]) }])
      expect(await countersOf(one, token)).toEqual([1, 1, 100])
      await one.usage.record([{ ...back, downloads: -9, clients: new Map([['a', -9]]) }])
      expect(await countersOf(one, token)).toEqual([0, 0, 100])
    })

    test('forgets no client of whom anything is left, whenever it came', async () => {
      const { one, other } = stores()
      const token = newName()
      const ofA = (downloads: number) => ({
        ...delta,
        token,
        downloads,
        clients: new Map([['a', downloads]]),
      })
      await one.usage.record([ofA(1)])
      await other.usage.record([ofA(1)])
      await one.usage.record([ofA(-1)])
      expect((await countersOf(one, token)).slice(0, 2)).toEqual([1, 1])
      await one.usage.record([ofA(-1)])
      expect((await countersOf(one, token)).slice(0, 2)).toEqual([0, 0])
    })

    test('of two processes at once is added up exactly', async () => {
      const { one, other } = stores()
      const token = newName()
      const clients = new Map([['a', 1]])
      const records = Array.from({ length: 100 }, (_, index) =>
        (index % 2 ? one : other).usage.record([
          { token, downloads: 1, bytes: 10, clients, lastUsedAt: NOW },
        ]),
      )
      await Promise.all(records)
      expect(await countersOf(one, token)).toEqual([100, 1, 1_000])
    })
  })

  test('outlives all stores', async () => {
    const space = newName()
    const first = await open({ space })
    const request = newDelivery({ limitDownloads: 2 })
    await deliver(first, request, SIZE)
    await first.close()
    const second = await open({ space })
    expect(await countersOf(second, request.token)).toEqual([1, 1, SIZE])
    expect(await granted(second, request)).toMatchObject({ charged: 1, downloads: 2 })
    await second.close()
  })
}
