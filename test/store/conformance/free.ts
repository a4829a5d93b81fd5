import { describe, expect, test } from 'vitest'
import type { DeliveryRequest } from '../../../src/store/contract.ts'
import {
  countersOf,
  granted,
  grantedOf,
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

/** Deliveries that cost no download: indexes, and answers without a body. */
export function describeFree(open: OpenStore): void {
  const stores = useTwoStores(open)
  const index = (fields: Partial<DeliveryRequest> = {}): DeliveryRequest =>
    newDelivery({ kind: 'free', ...fields })

  test('costs neither a download nor a client, whatever their limits', async () => {
    const { one } = stores()
    const request = index({ limitDownloads: 0, limitClients: 0, limitBytes: SIZE })
    expect(await granted(one, request)).toMatchObject({ charged: 0, reservedBytes: SIZE, downloads: 0 })
    expect(await countersOf(one, request.token)).toEqual([0, 0, SIZE])
  })

  test('covers nothing, and is covered by nothing', async () => {
    const { one } = stores()
    const file = newDelivery()
    const free = { ...file, kind: 'free' as const }
    await one.usage.settle(await granted(one, free), 500_000, NOW)
    expect(await granted(one, { ...file, start: 500_000 })).toMatchObject({ charged: 1 })
    await one.usage.settle(await granted(one, free), SIZE, NOW)
    await one.usage.settle(await granted(one, free), SIZE, NOW)
    expect(await countersOf(one, file.token)).toEqual([1, 1, 2 * SIZE + 500_000])
    expect(await granted(one, { ...file, end: 500_000 })).toMatchObject({ charged: 0 })
  })

  test('is charged its bytes and given back what was not sent, once, whoever settles', async () => {
    const { one, other } = stores()
    const request = index({ limitBytes: 2 * SIZE })
    const reservation = await granted(one, request)
    await Promise.all([
      one.usage.settle(reservation, 700_000, NOW),
      other.usage.settle(reservation, 700_000, NOW),
    ])
    await other.usage.settle(reservation, 5, NOW)
    expect(await countersOf(one, request.token)).toEqual([0, 0, 700_000])
  })

  test('counts the bytes that it sent also where they are not limited, once', async () => {
    const { one, other } = stores()
    for (const size of [SIZE, null]) {
      const reservation = await granted(one, index({ size, limitRate: 10 }))
      expect(reservation.reservedBytes).toBe(0)
      await other.usage.settle(reservation, 123, NOW)
      await one.usage.settle(reservation, 123, NOW)
      expect(await countersOf(one, reservation.token)).toEqual([0, 0, 123])
    }
  })

  test('of unknown size reserves all that is left', async () => {
    const { one } = stores()
    const request = index({ size: null, limitBytes: SIZE })
    const running = await granted(one, request)
    expect(running).toMatchObject({ reservedBytes: SIZE })
    expect(await refused(one, request)).toEqual({ granted: false, limit: 'bytes', used: SIZE })
    await one.usage.settle(running, SIZE - 1, NOW)
    expect(await granted(one, request)).toMatchObject({ reservedBytes: 1 })
  })

  test('without a body costs nothing, and may be settled', async () => {
    const { one } = stores()
    const request = index({ size: 0, limitBytes: 0, limitRate: 5 })
    const reservation = await granted(one, request)
    expect(reservation).toMatchObject({ charged: 0, reservedBytes: 0, bytes: 0 })
    await one.usage.settle(reservation, 0, NOW)
    expect(await countersOf(one, request.token)).toEqual([0, 0, 0])
  })

  test('never exceeds the bytes together with downloads, 200 at once from two processes', async () => {
    const token = newName()
    const answers = await race(stores(), (each) =>
      newDelivery({ token, size: 1_000, limitBytes: 50_000, kind: each % 3 ? 'free' : 'download' }),
    )
    expect(grantedOf(answers)).toHaveLength(50)
    expect((await usageOf(stores().one, token)).bytes).toBe(50_000)
  })

  test('is the last use of its token', async () => {
    const { one } = stores()
    const request = index({ size: 0, limitRate: 5, now: NOW + MINUTE_MS })
    await granted(one, request)
    expect((await usageOf(one, request.token)).lastUsedAt).toBe(NOW + MINUTE_MS)
  })

  test.each([0, 400_000, SIZE])('of before a reset changes nothing when it ends: %i bytes', async (sent) => {
    const { one, other } = stores()
    const request = index({ limitBytes: 2 * SIZE })
    const late = await granted(one, request)
    await other.usage.reset(request.token, NOW)
    await granted(other, request)
    await one.usage.settle(late, sent, NOW)
    expect(await countersOf(one, request.token)).toEqual([0, 0, SIZE])
  })

  describe('a refused one', () => {
    test('changes nothing', async () => {
      const { one, other } = stores()
      const request = index({ limitBytes: SIZE, limitRate: 5 })
      await granted(one, request)
      const before = await usageOf(one, request.token)
      await refused(other, { ...request, now: NOW + MINUTE_MS })
      expect(await usageOf(one, request.token)).toEqual(before)
    })
  })

  test('a dry run of one changes nothing', async () => {
    const { one } = stores()
    const request = index({ limitBytes: SIZE, limitRate: 1, dryRun: true })
    for (let turn = 0; turn < 3; turn++) expect(await granted(one, request)).toMatchObject({ bytes: SIZE })
    expect(await usageOf(one, request.token)).toMatchObject({ bytes: 0, lastUsedAt: null })
  })
}
