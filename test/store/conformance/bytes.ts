import { describe, expect, test } from 'vitest'
import type { DeliveryRequest } from '../../../src/store/contract.ts'
import {
  countersOf,
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

/** The limit on bytes. */
export function describeBytes(open: OpenStore): void {
  const stores = useTwoStores(open)

  describe('a limit on bytes', () => {
    test.each([
      [null, 3],
      [3 * SIZE, 3],
      [2 * SIZE, 2],
      [2 * SIZE - 1, 1],
      [SIZE + 0.5, 1],
      [SIZE - 0.5, 0],
      [1, 0],
      [0, 0],
    ])('of %j grants of three files as many as fit: %j', async (limitBytes, expected) => {
      const { one } = stores()
      const token = newName()
      const requests = Array.from({ length: 3 }, () => newDelivery({ token, limitBytes }))
      const answers = await Promise.all(requests.map((request) => one.usage.reserve(request)))
      expect(grantedOf(answers)).toHaveLength(expected)
    })

    test('is charged at once, and tells what is reserved and what is used', async () => {
      const { one, other } = stores()
      const token = newName()
      const request = newDelivery({ token, limitBytes: 3 * SIZE })
      expect(await granted(one, request)).toMatchObject({ reservedBytes: SIZE, bytes: SIZE })
      expect(await countersOf(other, token)).toEqual([1, 1, SIZE])
      const next = newDelivery({ token, limitBytes: 3 * SIZE })
      expect(await granted(other, next)).toMatchObject({ reservedBytes: SIZE, bytes: 2 * SIZE })
      const answer = await refused(one, newDelivery({ token, limitBytes: 2 * SIZE + 1 }))
      expect(answer).toEqual({ granted: false, limit: 'bytes', used: 2 * SIZE })
    })

    test('is never exceeded by 200 deliveries at once from two processes', async () => {
      const token = newName()
      const answers = await race(stores(), () => newDelivery({ token, size: 1_000, limitBytes: 50_999 }))
      const counts = grantedOf(answers).map(({ bytes }) => bytes)
      expect(counts.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, index) => 1_000 * (index + 1)),
      )
      expect(await countersOf(stores().one, token)).toEqual([50, 50, 50_000])
    })

    test('is exact while settlements and charges race', async () => {
      const { one, other } = stores()
      const token = newName()
      const ask = (): DeliveryRequest => newDelivery({ token, size: 1_000, limitBytes: 50_000 })
      const reservations = grantedOf(await race(stores(), ask))
      const ends = reservations.map((each) => other.usage.settle(each, 400, NOW))
      const more = Array.from({ length: 100 }, () => one.usage.reserve(ask()))
      const [answered] = await Promise.all([Promise.all(more), Promise.all(ends)])
      const extra = grantedOf(answered).length
      expect(extra).toBeLessThanOrEqual(30)
      expect(await countersOf(one, token)).toEqual([50 + extra, 50 + extra, 20_000 + 1_000 * extra])
    })

    test('is given back what was not sent, once, whoever settles', async () => {
      const { one, other } = stores()
      const token = newName()
      const cut = await granted(one, newDelivery({ token, limitBytes: SIZE }))
      await refused(other, newDelivery({ token, limitBytes: SIZE }))
      await Promise.all([
        one.usage.settle(cut, 400_000, NOW),
        other.usage.settle(cut, 400_000, NOW),
        one.usage.settle(cut, 0, NOW),
      ])
      expect(await countersOf(one, token)).toEqual([1, 1, 400_000])
      const rest = newDelivery({ token, limitBytes: SIZE, start: 400_000 })
      expect(await granted(other, rest)).toMatchObject({ reservedBytes: 600_000, bytes: SIZE })
    })

    test('reserves of a range what it sends', async () => {
      const { one } = stores()
      const range = newDelivery({ limitBytes: 300_000, start: 100_000, end: 400_000 })
      expect(await granted(one, range)).toMatchObject({ reservedBytes: 300_000 })
    })

    test('holds for resumptions and probes, which cost no download', async () => {
      const { one } = stores()
      const request = newDelivery({ limitBytes: SIZE })
      await deliver(one, request, 900_000)
      expect(await refused(one, { ...request, start: 890_000 })).toMatchObject({ limit: 'bytes' })
      expect(await deliver(one, { ...request, start: 900_000 }, 100_000)).toBe(0)
      const probe = newDelivery({ token: request.token, limitBytes: SIZE, end: PROBE })
      expect(await refused(one, probe)).toEqual({ granted: false, limit: 'bytes', used: SIZE })
      expect(await granted(one, { ...probe, limitBytes: SIZE + PROBE })).toMatchObject({
        charged: 0,
        reservedBytes: PROBE,
      })
    })

    test('does not refuse what has no bytes', async () => {
      const { one } = stores()
      const token = newName()
      await deliver(one, newDelivery({ token }), SIZE)
      const empty = newDelivery({ token, size: 0, limitBytes: 0 })
      expect(await granted(one, empty)).toMatchObject({ charged: 1, reservedBytes: 0, bytes: SIZE })
    })

    test('counts what was delivered while there was none', async () => {
      const { one } = stores()
      const token = newName()
      await deliver(one, newDelivery({ token }), 600_000)
      await one.usage.record([{ token, downloads: 0, bytes: 5, clients: new Map(), lastUsedAt: NOW }])
      const answer = await refused(one, newDelivery({ token, limitBytes: SIZE }))
      expect(answer).toMatchObject({ limit: 'bytes', used: 600_005 })
    })

    test('that comes or goes during a delivery counts its bytes once', async () => {
      const { one } = stores()
      const token = newName()
      const [without, within] = [
        await granted(one, newDelivery({ token })),
        await granted(one, newDelivery({ token, limitBytes: 9 * SIZE })),
      ]
      expect([without.reservedBytes, within.reservedBytes]).toEqual([0, SIZE])
      await one.usage.settle(without, SIZE, NOW)
      await one.usage.settle(within, SIZE, NOW)
      expect(await countersOf(one, token)).toEqual([2, 2, 2 * SIZE])
    })

    test('that was lowered below what is used refuses', async () => {
      const { one } = stores()
      const token = newName()
      await deliver(one, newDelivery({ token, limitBytes: 5 * SIZE }), SIZE)
      expect(await refused(one, newDelivery({ token, size: 1, limitBytes: 7 }))).toMatchObject({ used: SIZE })
    })

    test('is given back what a delivery did not send whose download was over long before', async () => {
      const { one } = stores()
      const request = newDelivery({ limitBytes: 5 * SIZE })
      const slow = await granted(one, request)
      await granted(one, { ...request, now: NOW + HOUR_MS })
      await one.usage.settle(slow, 250_000, NOW + 2 * HOUR_MS)
      expect(await countersOf(one, request.token)).toEqual([2, 1, SIZE + 250_000])
    })

    test('is told by a dry run as it would be, and stays as it was', async () => {
      const { one } = stores()
      const request = newDelivery({ limitBytes: SIZE, dryRun: true })
      expect(await granted(one, request)).toMatchObject({ reservedBytes: SIZE, bytes: SIZE })
      expect(await countersOf(one, request.token)).toEqual([0, 0, 0])
    })
  })

  describe('a file of unknown size', () => {
    const unknown = (token: string, fields: Partial<DeliveryRequest> = {}): DeliveryRequest =>
      newDelivery({ token, size: null, limitBytes: SIZE, ...fields })

    test('reserves all that is left, so that nothing else fits beside it', async () => {
      const { one, other } = stores()
      const token = newName()
      await deliver(one, newDelivery({ token, limitBytes: SIZE }), 300_000)
      const running = await granted(one, unknown(token))
      expect(running).toMatchObject({ reservedBytes: 700_000, bytes: SIZE })
      expect(await refused(other, unknown(token))).toEqual({ granted: false, limit: 'bytes', used: SIZE })
      expect(await refused(other, newDelivery({ token, size: 1, limitBytes: SIZE }))).toMatchObject({
        limit: 'bytes',
      })
      await other.usage.settle(running, 200_000, NOW)
      expect(await countersOf(one, token)).toEqual([2, 2, 500_000])
      expect(await granted(one, unknown(token))).toMatchObject({ reservedBytes: 500_000 })
    })

    test('of which only a part is sent reserves all that is left, too', async () => {
      const { one } = stores()
      const range = unknown(newName(), { start: 100, end: 200 })
      expect(await granted(one, range)).toMatchObject({ reservedBytes: SIZE })
    })

    test('is refused when nothing is left', async () => {
      const { one } = stores()
      const token = newName()
      await deliver(one, newDelivery({ token }), SIZE)
      for (const limitBytes of [0, 1, SIZE - 1, SIZE, SIZE + 0.9]) {
        expect(await refused(one, unknown(token, { limitBytes }))).toMatchObject({ limit: 'bytes' })
      }
      expect(await granted(one, unknown(token, { limitBytes: SIZE + 1 }))).toMatchObject({ reservedBytes: 1 })
    })

    test('reserves whole bytes of a limit that is none', async () => {
      const { one } = stores()
      const running = await granted(one, unknown(newName(), { limitBytes: 10.9 }))
      expect(running).toMatchObject({ reservedBytes: 10, bytes: 10 })
    })

    test('reserves nothing where bytes are not limited', async () => {
      const { one } = stores()
      const token = newName()
      const running = await granted(one, unknown(token, { limitBytes: null }))
      expect(running).toMatchObject({ reservedBytes: 0, bytes: 0 })
      await one.usage.settle(running, 123, NOW)
      expect(await countersOf(one, token)).toEqual([1, 1, 123])
    })

    test('is granted to one of 200 that ask at once', async () => {
      const token = newName()
      const answers = await race(stores(), () => unknown(token, { now: NOW + MINUTE_MS }))
      expect(grantedOf(answers)).toHaveLength(1)
      expect(await countersOf(stores().one, token)).toEqual([1, 1, SIZE])
    })
  })
}
