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
  race,
  refused,
  SIZE,
  usageOf,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

/** Counting periods by a schedule. */
export function describePeriods(open: OpenStore): void {
  const stores = useTwoStores(open)
  /** A delivery in the `day`th daily period. */
  const onDay = (day: number, fields: Partial<DeliveryRequest> = {}): DeliveryRequest =>
    newDelivery({ now: startOf(day) + HOUR_MS, periodStart: startOf(day), ...fields })
  const startOf = (day: number): number => NOW + day * DAY_MS

  test('the first charge of a period begins the next epoch, and no further one does', async () => {
    const { one, other } = stores()
    const token = newName()
    expect(await granted(one, onDay(0, { token }))).toMatchObject({ epoch: 1, downloads: 1 })
    expect(await granted(other, onDay(0, { token }))).toMatchObject({ epoch: 1, downloads: 2, clients: 2 })
    expect(await granted(one, onDay(3, { token }))).toMatchObject({ epoch: 2, downloads: 1, clients: 1 })
    expect(await usageOf(other, token, startOf(3))).toEqual({
      epoch: 2,
      downloads: 1,
      clients: 1,
      bytes: 0,
      lastUsedAt: startOf(3) + HOUR_MS,
      resetAt: startOf(3),
    })
  })

  test.each<[string, Partial<DeliveryRequest>]>([
    ['downloads', { limitDownloads: 1 }],
    ['clients', { limitClients: 1 }],
    ['bytes', { limitBytes: SIZE }],
  ])('a limit that is used up has room again in the next period: %s', async (limit, limits) => {
    const { one, other } = stores()
    const token = newName()
    await deliver(one, onDay(0, { token, ...limits }), SIZE)
    expect(await refused(other, onDay(0, { token, ...limits }))).toMatchObject({ limit })
    expect(await granted(other, onDay(1, { token, ...limits }))).toMatchObject({ epoch: 2, downloads: 1 })
    expect(await refused(one, onDay(1, { token, ...limits }))).toMatchObject({ limit })
  })

  test.each<[string, Partial<DeliveryRequest>]>([
    ['downloads', { limitDownloads: 50 }],
    ['clients', { limitClients: 50 }],
    ['bytes', { limitBytes: 50 * SIZE }],
  ])(
    'a limit is never exceeded by 200 at once that begin a period from two processes: %s',
    async (_limit, limits) => {
      const token = newName()
      await deliver(stores().one, onDay(0, { token }), SIZE)
      const answers = grantedOf(await race(stores(), () => onDay(1, { token, ...limits })))
      expect(answers).toHaveLength(50)
      expect(new Set(answers.map(({ epoch }) => epoch))).toEqual(new Set([2]))
    },
  )

  test('a refused delivery begins no period, nor does a dry run', async () => {
    const { one } = stores()
    const token = newName()
    await deliver(one, onDay(0, { token }), SIZE)
    const before = await usageOf(one, token)
    await refused(one, onDay(1, { token, limitDownloads: 0 }))
    expect(await granted(one, onDay(1, { token, dryRun: true }))).toMatchObject({ epoch: 2, downloads: 1 })
    expect(await usageOf(one, token)).toEqual(before)
  })

  test('reading shows zeroes after the period, and changes nothing', async () => {
    const { one, other } = stores()
    const token = newName()
    await deliver(one, onDay(0, { token }), SIZE)
    const before = await usageOf(one, token, startOf(0))
    expect(before).toMatchObject({ epoch: 1, downloads: 1, resetAt: startOf(0) })
    const expected = { ...before, epoch: 2, downloads: 0, clients: 0, bytes: 0, resetAt: startOf(1) }
    expect(await usageOf(one, token, startOf(1))).toEqual(expected)
    expect(await usageOf(other, token, startOf(0))).toEqual(before)
    expect(await usageOf(other, token)).toEqual(before)
    const questions = [0, 1].map((day) => ({ token, periodStart: startOf(day) }))
    expect(await one.usage.read(questions)).toEqual([before, expected])
  })

  test('reading a token that was never used shows the period that it would begin', async () => {
    expect(await usageOf(stores().one, newName(), startOf(0))).toEqual({
      epoch: 1,
      downloads: 0,
      clients: 0,
      bytes: 0,
      lastUsedAt: null,
      resetAt: startOf(0),
    })
  })

  test.each([0, 500_000, SIZE])(
    'a delivery of the last period changes nothing when it ends: %i bytes',
    async (sent) => {
      const { one, other } = stores()
      const request = onDay(0, { limitBytes: 2 * SIZE })
      const late = await granted(one, request)
      const next = { ...onDay(1), token: request.token, client: request.client, artifact: request.artifact }
      expect(await granted(other, { ...next, limitBytes: 2 * SIZE })).toMatchObject({
        charged: 1,
        bytes: SIZE,
      })
      await one.usage.settle(late, sent, startOf(1) + 2 * HOUR_MS)
      expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
    },
  )

  test('a delivery of the last period that ends before the next was used shows in neither', async () => {
    const { one } = stores()
    const late = await granted(one, onDay(0, { limitBytes: SIZE }))
    await one.usage.settle(late, 7, startOf(1) + MINUTE_MS)
    expect(await usageOf(one, late.token, startOf(1))).toMatchObject({ downloads: 0, bytes: 0 })
    const first = await granted(one, onDay(1, { token: late.token, limitDownloads: 1 }))
    expect(first).toMatchObject({ downloads: 1, clients: 1, bytes: 0 })
  })

  test('a resumption in the next period is charged there', async () => {
    const { one } = stores()
    const request = onDay(0, { now: startOf(1) - MINUTE_MS })
    await deliver(one, request, 300_000)
    const resumed = { ...request, start: 300_000, now: startOf(1), periodStart: startOf(1) }
    expect(await deliver(one, resumed, 700_000)).toBe(1)
  })

  test('an earlier period is counted in the current one, whatever the clock or the schedule says', async () => {
    const { one } = stores()
    const token = newName()
    await granted(one, onDay(5, { token }))
    expect(await granted(one, onDay(2, { token }))).toMatchObject({ epoch: 1, downloads: 2 })
    expect(await granted(one, newDelivery({ token }))).toMatchObject({ epoch: 1, downloads: 3 })
    expect(await usageOf(one, token, startOf(2))).toMatchObject({ downloads: 3, resetAt: startOf(5) })
  })

  test('free deliveries begin a period, too', async () => {
    const { one } = stores()
    const token = newName()
    await deliver(one, onDay(0, { token }), SIZE)
    const index = onDay(1, { token, kind: 'free', limitBytes: SIZE })
    expect(await granted(one, index)).toMatchObject({ epoch: 2, downloads: 0, clients: 0, bytes: SIZE })
    expect(await usageOf(one, token, startOf(1))).toMatchObject({ epoch: 2, downloads: 0, clients: 0 })
  })

  describe('a reset by hand', () => {
    test('within a period holds until the next begins', async () => {
      const { one } = stores()
      const token = newName()
      await granted(one, onDay(0, { token }))
      await one.usage.reset(token, startOf(0) + 2 * HOUR_MS)
      const later = startOf(0) + 3 * HOUR_MS
      expect(await granted(one, onDay(0, { token, now: later }))).toMatchObject({ epoch: 2, downloads: 1 })
      expect(await usageOf(one, token, startOf(0))).toMatchObject({ resetAt: startOf(0) + 2 * HOUR_MS })
      expect(await granted(one, onDay(1, { token }))).toMatchObject({ epoch: 3, downloads: 1 })
    })

    test('of a token without a schedule is not undone by a schedule that begins before it', async () => {
      const { one } = stores()
      const token = newName()
      await one.usage.reset(token, startOf(0) + 2 * HOUR_MS)
      await granted(one, newDelivery({ token, now: startOf(0) + 3 * HOUR_MS }))
      expect(await granted(one, onDay(0, { token }))).toMatchObject({ epoch: 1, downloads: 2 })
    })
  })

  describe('traffic that guards no limit', () => {
    const traffic = (token: string, day: number) => ({
      token,
      downloads: 2,
      bytes: 10,
      clients: new Map([['a', 2]]),
      lastUsedAt: startOf(day) + HOUR_MS,
      periodStart: startOf(day),
    })

    test('begins a period, and is added to it', async () => {
      const { one, other } = stores()
      const token = newName()
      await one.usage.record([traffic(token, 0), traffic(token, 0)])
      expect(await usageOf(one, token, startOf(0))).toMatchObject({ epoch: 1, downloads: 4, clients: 1 })
      await other.usage.record([traffic(token, 1)])
      expect(await usageOf(one, token, startOf(1))).toEqual({
        epoch: 2,
        downloads: 2,
        clients: 1,
        bytes: 10,
        lastUsedAt: startOf(1) + HOUR_MS,
        resetAt: startOf(1),
      })
    })

    test('of a period that is over changes nothing', async () => {
      const { one } = stores()
      const token = newName()
      await one.usage.record([traffic(token, 0), traffic(token, 1), traffic(token, 0)])
      const refund = { ...traffic(token, 0), downloads: -2, bytes: 5, clients: new Map([['a', -2]]) }
      await one.usage.record([refund])
      expect(await usageOf(one, token, startOf(1))).toMatchObject({ downloads: 2, clients: 1, bytes: 10 })
    })

    test('of before a reset by hand changes nothing, and of after it is counted', async () => {
      const { one } = stores()
      const token = newName()
      await one.usage.record([traffic(token, 0)])
      const resetAt = startOf(0) + 2 * HOUR_MS
      await one.usage.reset(token, resetAt)
      await one.usage.record([{ ...traffic(token, 0), lastUsedAt: resetAt - 1 }])
      expect(await countersOf(one, token)).toEqual([0, 0, 0])
      await one.usage.record([{ ...traffic(token, 0), lastUsedAt: resetAt }])
      expect(await countersOf(one, token)).toEqual([2, 1, 10])
    })

    test('is guarded by a limit in the same period, and not in the next', async () => {
      const { one } = stores()
      const token = newName()
      await one.usage.record([traffic(token, 0)])
      const limits = { token, limitDownloads: 2 }
      expect(await refused(one, onDay(0, limits))).toMatchObject({ limit: 'downloads', used: 2 })
      await granted(one, onDay(1, limits))
    })
  })
}
