import { describe, expect, test } from 'vitest'
import type { DeliveryRequest } from '../../../src/store/contract.ts'
import {
  countersOf,
  deliver,
  granted,
  grantedOf,
  HOUR_MS,
  newDelivery,
  newName,
  NOW,
  race,
  refused,
  SIZE,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

/** The limit on requests a second. */
export function describeRate(open: OpenStore): void {
  const stores = useTwoStores(open)
  /** How many of `count` requests, one after another at each store in turn, are granted. */
  const grantedAt = async (
    request: (index: number) => DeliveryRequest,
    now: number,
    count: number,
  ): Promise<number> => {
    const { one, other } = stores()
    let sum = 0
    for (let index = 0; index < count; index++) {
      const answer = await (index % 2 ? one : other).usage.reserve({ ...request(index), now })
      sum += Number(answer.granted)
    }
    return sum
  }
  const requestsOf = (token: string, limitRate: number | null) => () => newDelivery({ token, limitRate })

  test.each([
    [null, 12],
    [1, 1],
    [3, 3],
    [7, 7],
    [2.5, 2],
    [0.2, 1],
    [0, 0],
    [-1, 0],
    [-0.5, 0],
  ])('of %j a second grants %j of twelve at once', async (limitRate, expected) => {
    const requests = requestsOf(newName(), limitRate)
    expect(await grantedAt(requests, NOW, 12)).toBe(expected)
    expect(await grantedAt(requests, NOW + HOUR_MS, 12)).toBe(expected)
  })

  test('tells when the next request fits, and then it does', async () => {
    const { one, other } = stores()
    const token = newName()
    const requests = requestsOf(token, 4)
    expect(await grantedAt(requests, NOW, 4)).toBe(4)
    const answer = await refused(one, requests())
    expect(answer).toEqual({ granted: false, limit: 'rate', used: 4, retryAfterMs: 250 })
    expect(await refused(other, { ...requests(), now: NOW + 249 })).toMatchObject({ retryAfterMs: 1 })
    expect(await grantedAt(requests, NOW + 250, 3)).toBe(1)
    expect(await grantedAt(requests, NOW + 1_000, 9)).toBe(3)
  })

  test.each([
    [0.5, 1, 2_000],
    [3, 3, 334],
    [0, 0, 3_600_000],
    [-2, 0, 3_600_000],
  ])('of %j tells what is used and when to come back: %j, %j ms', async (limitRate, used, retryAfterMs) => {
    const requests = requestsOf(newName(), limitRate)
    await grantedAt(requests, NOW, used)
    expect(await refused(stores().one, requests())).toEqual({
      granted: false,
      limit: 'rate',
      used,
      retryAfterMs,
    })
  })

  test('is never exceeded by 200 requests at once from two processes', async () => {
    const token = newName()
    const answers = await race(stores(), () => newDelivery({ token, limitRate: 50 }))
    expect(grantedOf(answers)).toHaveLength(50)
    expect(await countersOf(stores().one, token)).toEqual([50, 50, 0])
    const later = await race(stores(), () => newDelivery({ token, limitRate: 50, now: NOW + 300 }))
    expect(grantedOf(later)).toHaveLength(15)
  })

  test('counts resumptions, probes and what is free as well', async () => {
    const { one } = stores()
    const request = newDelivery({ limitRate: 4 })
    await deliver(one, request, 500_000)
    await granted(one, { ...request, start: 500_000 })
    await granted(one, { ...newDelivery({ token: request.token, limitRate: 4 }), end: 10 })
    await granted(one, { ...request, kind: 'free', size: 0, end: 0 })
    expect(await refused(one, { ...request, kind: 'free', size: 0, end: 0 })).toMatchObject({ limit: 'rate' })
    expect(await refused(one, request)).toMatchObject({ limit: 'rate' })
  })

  test('counts no request that it refused', async () => {
    const requests = requestsOf(newName(), 2)
    expect(await grantedAt(requests, NOW, 50)).toBe(2)
    expect(await grantedAt(requests, NOW + 500, 50)).toBe(1)
  })

  test('counts no request that another limit refused, and no dry run', async () => {
    const { one } = stores()
    const token = newName()
    for (let turn = 0; turn < 5; turn++) {
      const exhausted = newDelivery({ token, limitRate: 2, limitDownloads: 0 })
      expect(await refused(one, exhausted)).toMatchObject({ limit: 'downloads' })
      await refused(one, { ...exhausted, limitDownloads: null, limitBytes: 0 })
      await refused(one, { ...exhausted, limitDownloads: null, limitClients: 0 })
      await refused(one, { ...exhausted, limitDownloads: null, limitConcurrency: 0 })
      await granted(one, newDelivery({ token, limitRate: 2, dryRun: true }))
    }
    expect(await grantedAt(requestsOf(token, 2), NOW, 5)).toBe(2)
    expect(await refused(one, newDelivery({ token, limitRate: 2, dryRun: true }))).toMatchObject({
      limit: 'rate',
    })
  })

  test('counts no request that came without such a limit, which does not undo it either', async () => {
    const token = newName()
    expect(await grantedAt(requestsOf(token, 3), NOW, 3)).toBe(3)
    expect(await grantedAt(requestsOf(token, null), NOW, 5)).toBe(5)
    expect(await grantedAt(requestsOf(token, 3), NOW, 5)).toBe(0)
    expect(await grantedAt(requestsOf(token, 3), NOW + 1_000, 5)).toBe(3)
  })

  test('is of one token', async () => {
    expect(await grantedAt(requestsOf(newName(), 1), NOW, 2)).toBe(1)
    expect(await grantedAt(requestsOf(newName(), 1), NOW, 2)).toBe(1)
  })

  describe('goes on', () => {
    test('after a reset', async () => {
      const token = newName()
      expect(await grantedAt(requestsOf(token, 3), NOW, 5)).toBe(3)
      await stores().one.usage.reset(token, NOW)
      expect(await grantedAt(requestsOf(token, 3), NOW, 5)).toBe(0)
    })

    test('when a counting period begins', async () => {
      const token = newName()
      const request = (): DeliveryRequest => newDelivery({ token, limitRate: 3, periodStart: NOW })
      expect(await grantedAt(requestsOf(token, 3), NOW, 5)).toBe(3)
      expect(await grantedAt(request, NOW, 5)).toBe(0)
      expect(await grantedAt(request, NOW + 400, 5)).toBe(1)
    })

    test('while deliveries end', async () => {
      const { one } = stores()
      const token = newName()
      const first = await granted(one, newDelivery({ token, limitRate: 1 }))
      await one.usage.settle(first, 0, NOW)
      await one.usage.record([{ token, downloads: 1, bytes: 1, clients: new Map(), lastUsedAt: NOW }])
      expect(await refused(one, newDelivery({ token, limitRate: 1 }))).toMatchObject({ limit: 'rate' })
    })
  })

  describe('with clocks that differ', () => {
    test('by some seconds is not exceeded', async () => {
      const requests = requestsOf(newName(), 5)
      expect(await grantedAt(requests, NOW + 2_000, 9)).toBe(5)
      expect(await grantedAt(requests, NOW, 9)).toBe(0)
      expect(await grantedAt(requests, NOW + 1_999, 9)).toBe(0)
    })

    test('by an hour does not close for an hour', async () => {
      const requests = requestsOf(newName(), 5)
      expect(await grantedAt(requests, NOW + HOUR_MS, 9)).toBe(5)
      expect(await grantedAt(requests, NOW, 9)).toBe(5)
    })
  })

  test('that was raised or lowered holds at once', async () => {
    const token = newName()
    expect(await grantedAt(requestsOf(token, 0.01), NOW, 3)).toBe(1)
    expect(await grantedAt(requestsOf(token, 5), NOW, 9)).toBe(5)
    expect(await grantedAt(requestsOf(token, 1), NOW + 500, 3)).toBe(0)
    expect(await grantedAt(requestsOf(token, 1), NOW + 1_000, 3)).toBe(1)
  })

  test('does not change what is counted', async () => {
    const { one } = stores()
    const request = newDelivery({ limitRate: 5 })
    expect(await deliver(one, request, SIZE)).toBe(1)
    expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
  })
}
