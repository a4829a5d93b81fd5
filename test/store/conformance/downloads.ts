import { describe, expect, test } from 'vitest'
import type { DeliveryRequest } from '../../../src/store/contract.ts'
import {
  countersOf,
  DAY_MS,
  deliver,
  granted,
  HOUR_MS,
  newDelivery,
  newName,
  NOW,
  PROBE,
  SIZE,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

/** Which deliveries are one download. */
export function describeDownloads(open: OpenStore): void {
  const stores = useTwoStores(open)
  /** Charges of deliveries one after another, at each store in turn. */
  const chargesOf = async (
    ...deliveries: readonly (readonly [DeliveryRequest, number])[]
  ): Promise<number[]> => {
    const { one, other } = stores()
    const charges: number[] = []
    for (const [index, [request, sent]] of deliveries.entries()) {
      charges.push(await deliver(index % 2 ? one : other, request, sent))
    }
    return charges
  }

  describe('one download', () => {
    test.each<[string, (request: DeliveryRequest) => [DeliveryRequest, number][], number[]]>([
      ['a whole copy', (r) => [[r, SIZE]], [1]],
      [
        'a cut and its resumption',
        (r) => [
          [r, 300_000],
          [{ ...r, start: 300_000 }, 700_000],
        ],
        [1, 0],
      ],
      [
        'a cut and a new start',
        (r) => [
          [r, 900_000],
          [r, SIZE],
        ],
        [1, 0],
      ],
      [
        'many cuts',
        (r) => [
          [r, 600_000],
          [r, 600_000],
          [{ ...r, start: 600_000 }, 100_000],
          [{ ...r, start: 700_000 }, 300_000],
        ],
        [1, 0, 0, 0],
      ],
      [
        'two halves',
        (r) => [
          [{ ...r, end: 500_000 }, 500_000],
          [{ ...r, start: 500_000 }, 500_000],
        ],
        [1, 0],
      ],
      [
        'halves in the other order',
        (r) => [
          [{ ...r, start: 500_000 }, 500_000],
          [{ ...r, end: 500_000 }, 500_000],
        ],
        [1, 0],
      ],
      [
        'a failure and a retry',
        (r) => [
          [r, 0],
          [r, SIZE],
        ],
        [1, 1],
      ],
      [
        'a resumption just within the hour',
        (r) => [
          [r, 300_000],
          [{ ...r, start: 300_000, now: NOW + HOUR_MS - 1 }, 700_000],
        ],
        [1, 0],
      ],
      [
        'probes and a copy',
        (r) => [
          [{ ...r, start: SIZE - 8 }, 8],
          [{ ...r, start: SIZE - 60_000 }, 60_000],
          [r, SIZE],
        ],
        [0, 0, 1],
      ],
    ])('is %s', async (_name, deliveries, charges) => {
      const request = newDelivery()
      expect(await chargesOf(...deliveries(request))).toEqual(charges)
      const [downloads, clients] = await countersOf(stores().one, request.token)
      expect([downloads, clients]).toEqual([1, 1])
    })

    test('covers a restart after two cuts near the end', async () => {
      const request = newDelivery({ limitDownloads: 1 })
      const nearly = SIZE - 10
      expect(await chargesOf([request, nearly], [request, nearly], [request, SIZE])).toEqual([1, 0, 0])
      const next = await stores().one.usage.reserve(request)
      expect(next).toMatchObject({ granted: false, limit: 'downloads', used: 1 })
    })

    test.each<[string, (request: DeliveryRequest) => [DeliveryRequest, number][]]>([
      [
        'two copies',
        (r) => [
          [r, SIZE],
          [r, SIZE],
        ],
      ],
      [
        'a copy and its parts again',
        (r) => [
          [r, SIZE],
          [{ ...r, end: 500_000 }, 500_000],
          [{ ...r, start: 500_000 }, 500_000],
        ],
      ],
      [
        'a resumption after an hour',
        (r) => [
          [r, 300_000],
          [{ ...r, start: 300_000, now: NOW + HOUR_MS }, 700_000],
        ],
      ],
      [
        'what begins after twice the size is out',
        (r) => Array.from({ length: 4 }, () => [{ ...r, start: 1 }, SIZE - 1]),
      ],
      [
        'two clients',
        (r) => [
          [r, SIZE],
          [{ ...r, client: newName() }, SIZE],
        ],
      ],
      [
        'two artifacts',
        (r) => [
          [r, SIZE],
          [{ ...r, artifact: newName() }, SIZE],
        ],
      ],
      [
        'a file that was replaced',
        (r) => [
          [r, 300_000],
          [{ ...r, size: SIZE + 1, start: 300_000, end: SIZE + 1 }, 700_001],
        ],
      ],
      [
        'two deliveries of unknown size',
        (r) => [
          [{ ...r, size: null, end: 0 }, 5],
          [{ ...r, size: null, end: 0 }, 5],
        ],
      ],
    ])('is not %s', async (_name, deliveries) => {
      const request = newDelivery()
      await chargesOf(...deliveries(request))
      expect((await countersOf(stores().one, request.token))[0]).toBe(2)
    })

    test('covers a segmented client whose first connection asked for the whole file', async () => {
      const { one, other } = stores()
      const request = newDelivery({ limitDownloads: 1 })
      const whole = await granted(one, request)
      const starts = [250_000, 500_000, 750_000]
      const parts = await Promise.all(
        starts.map((start) => granted(other, { ...request, start, end: start + 250_000 })),
      )
      await one.usage.settle(whole, 250_000, NOW)
      await Promise.all(parts.map((part) => one.usage.settle(part, 250_000, NOW)))
      expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
    })

    test('is not shared by tokens', async () => {
      const request = newDelivery()
      expect(await chargesOf([request, 5], [{ ...request, token: newName() }, SIZE])).toEqual([1, 1])
    })
  })

  describe('two whole copies at once', () => {
    test('are two downloads', async () => {
      const { one, other } = stores()
      const request = newDelivery()
      const both = await Promise.all([granted(one, request), granted(other, request)])
      await Promise.all(both.map((each) => one.usage.settle(each, SIZE, NOW)))
      expect(await countersOf(one, request.token)).toEqual([2, 1, 2 * SIZE])
    })

    test.each([0, 1])('are one when copy %i is cut, and the resumption opens the next', async (cut) => {
      const { one, other } = stores()
      const request = newDelivery()
      const both = [await granted(one, request), await granted(other, request)]
      for (const [index, each] of both.entries()) {
        await other.usage.settle(each, index === cut ? 400_000 : SIZE, NOW)
      }
      expect((await countersOf(one, request.token))[0]).toBe(1)
      expect(await deliver(one, { ...request, start: 400_000 }, 600_000)).toBe(1)
    })
  })

  describe('probes', () => {
    test('are free up to an eighth of the file a day', async () => {
      const request = newDelivery({ start: SIZE - PROBE })
      const tomorrow = NOW + DAY_MS
      const one = { ...request, end: request.start + 1 }
      expect(await chargesOf([request, PROBE], [one, 1])).toEqual([0, 1])
      const next = newDelivery({ start: SIZE - PROBE })
      expect(await chargesOf([next, PROBE], [{ ...next, now: tomorrow }, PROBE])).toEqual([0, 0])
    })

    test('are free up to 128 KiB of a large file', async () => {
      const size = 100_000_000
      const request = newDelivery({ size, start: size - 131_072, end: size })
      expect(await chargesOf([request, 131_072])).toEqual([0])
      const larger = newDelivery({ size, start: size - 131_073, end: size })
      expect(await chargesOf([larger, 131_073])).toEqual([1])
    })

    test('that were cut cost what was sent', async () => {
      const request = newDelivery({ start: SIZE - PROBE })
      expect(await chargesOf([request, 1_000], [{ ...request, end: SIZE - 1_000 }, PROBE - 1_000])).toEqual([
        0, 0,
      ])
    })

    test('that end on the next day take nothing off its allowance and add nothing to it', async () => {
      const { one } = stores()
      const request = newDelivery({ start: SIZE - PROBE })
      const tomorrow = NOW + DAY_MS
      const overnight = await granted(one, request)
      expect(await deliver(one, { ...request, now: tomorrow }, PROBE)).toBe(0)
      await one.usage.settle(overnight, 0, tomorrow)
      expect(await deliver(one, { ...request, now: tomorrow }, PROBE)).toBe(1)
    })

    test('are free beside a download that covers no more', async () => {
      const { one } = stores()
      const request = newDelivery()
      await deliver(one, request, 990_000)
      await deliver(one, request, 990_000)
      const tail = { ...request, start: SIZE - 60_000 }
      expect(await deliver(one, tail, 60_000)).toBe(0)
    })
  })
}
