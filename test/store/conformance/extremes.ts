import { describe, expect, test } from 'vitest'
import type { DeliveryRequest } from '../../../src/store/contract.ts'
import {
  countersOf,
  granted,
  grantedOf,
  newDelivery,
  newName,
  NOW,
  race,
  refused,
  SIZE,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

const MOST = Number.MAX_SAFE_INTEGER

/** Limits that mean little, counters at their end, and several limits at once. */
export function describeExtremes(open: OpenStore): void {
  const stores = useTwoStores(open)

  describe('a limit', () => {
    const names = ['limitDownloads', 'limitClients', 'limitBytes', 'limitConcurrency', 'limitRate'] as const

    test.each(names.flatMap((name) => [-1, -0.5, 0, 0.5, Number.NaN].map((limit) => [name, limit] as const)))(
      '%s of %d allows nothing, or one request in two seconds',
      async (name, limit) => {
        const { one } = stores()
        const answer = await one.usage.reserve(newDelivery({ [name]: limit }))
        expect(answer.granted).toBe(name === 'limitRate' && limit === 0.5)
      },
    )

    test.each(names)('%s that is absent or null does not limit', async (name) => {
      const { one } = stores()
      const { limitDownloads: _, ...request } = newDelivery()
      const without = { ...request, limitDownloads: null }
      for (const each of [without, { ...without, [name]: null }]) {
        const answers = Array.from({ length: 20 }, () => granted(one, { ...each, artifact: newName() }))
        expect(await Promise.all(answers)).toHaveLength(20)
      }
    })

    test.each([MOST, 2 ** 53, 2 ** 63, 2 ** 64, 1e300, Infinity])(
      'of %d is a limit that is far away',
      async (limit) => {
        const { one } = stores()
        const everything = Object.fromEntries(names.map((name) => [name, limit]))
        const request = newDelivery({ ...everything, clientsWindowMs: 1_000 })
        const reservation = await granted(one, request)
        expect(reservation).toMatchObject({ charged: 1, reservedBytes: SIZE })
        await one.usage.settle(reservation, SIZE, NOW)
        expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
      },
    )
  })

  describe('counters near 2^53', () => {
    const fill = async (downloads: number, bytes: number): Promise<string> => {
      const token = newName()
      const clients = new Map([['a', downloads]])
      await stores().one.usage.record([{ token, downloads, bytes, clients, lastUsedAt: NOW }])
      return token
    }

    test('stay there when they are not limited', async () => {
      const { one } = stores()
      const token = await fill(MOST, MOST)
      const more = { token, downloads: MOST, bytes: MOST, clients: new Map([['a', MOST]]), lastUsedAt: NOW }
      await one.usage.record([more, more])
      expect(await countersOf(one, token)).toEqual([MOST, 1, MOST])
      const reservation = await granted(one, newDelivery({ token }))
      expect(reservation).toMatchObject({ downloads: MOST, bytes: MOST })
      await one.usage.settle(reservation, SIZE, NOW)
      expect(await countersOf(one, token)).toEqual([MOST, 2, MOST])
      await one.usage.record([{ ...more, downloads: -1, bytes: 0, clients: new Map([['a', -1]]) }])
      expect(await countersOf(one, token)).toEqual([MOST - 1, 2, MOST])
      await one.usage.record([{ ...more, downloads: -MOST, bytes: 0, clients: new Map([['a', -MOST]]) }])
      expect(await countersOf(one, token)).toEqual([0, 1, MOST])
    })

    test('count exactly up to it, and then refuse where they are limited', async () => {
      const { one } = stores()
      const token = await fill(MOST - 2, MOST - 2 * SIZE)
      const ask = (): DeliveryRequest =>
        newDelivery({ token, limitDownloads: 2 ** 60, limitBytes: 2 ** 60, client: 'a' })
      expect(await granted(one, ask())).toMatchObject({ downloads: MOST - 1, bytes: MOST - SIZE })
      expect(await granted(one, ask())).toMatchObject({ downloads: MOST, bytes: MOST })
      expect(await refused(one, ask())).toEqual({ granted: false, limit: 'downloads', used: MOST })
      expect(await refused(one, { ...ask(), kind: 'free' })).toEqual({
        granted: false,
        limit: 'bytes',
        used: MOST,
      })
    })

    test('are told apart one by one', async () => {
      const { one } = stores()
      const token = await fill(0, MOST - 3)
      for (const bytes of [MOST - 2, MOST - 1, MOST]) {
        const request = newDelivery({ token, kind: 'free', size: 1, limitBytes: MOST })
        expect(await granted(one, request)).toMatchObject({ bytes })
      }
      await refused(one, newDelivery({ token, kind: 'free', size: 1, limitBytes: MOST }))
    })

    test('reserve of an unknown size what is left up to it', async () => {
      const { one } = stores()
      const token = await fill(1, MOST - 5)
      const unknown = newDelivery({ token, size: null, limitBytes: 1e300 })
      expect(await granted(one, unknown)).toMatchObject({ reservedBytes: 5, bytes: MOST })
      await refused(one, { ...unknown, artifact: newName() })
    })

    test('refuse a file that is larger than all that can be counted', async () => {
      const { one } = stores()
      const huge = newDelivery({ size: MOST, limitBytes: 1e300 })
      const running = await granted(one, huge)
      expect(running).toMatchObject({ bytes: MOST })
      await one.usage.settle(running, 3, NOW)
      expect(await countersOf(one, huge.token)).toEqual([1, 1, 3])
      expect(await refused(one, { ...huge, artifact: newName() })).toMatchObject({ limit: 'bytes', used: 3 })
    })
  })

  describe('several limits at once', () => {
    test('are judged in their order', async () => {
      const { one } = stores()
      const token = newName()
      await granted(one, newDelivery({ token, limitConcurrency: 1, limitRate: 1, limitBytes: SIZE }))
      const limits: Partial<DeliveryRequest>[] = [
        { limitRate: 1 },
        { limitConcurrency: 1 },
        { limitDownloads: 1 },
        { limitClients: 1 },
        { limitBytes: SIZE },
      ]
      const refusals: string[] = []
      for (const index of limits.keys()) {
        const request = newDelivery(Object.assign({ token }, ...limits.slice(index)))
        refusals.push((await refused(one, request)).limit)
      }
      expect(refusals).toEqual(['rate', 'concurrency', 'downloads', 'clients', 'bytes'])
    })

    test('refuse for one although the others have room, and then nothing was charged to any', async () => {
      const { one } = stores()
      const token = newName()
      const room = {
        limitRate: 3,
        limitConcurrency: 3,
        limitDownloads: 3,
        limitClients: 3,
        limitBytes: 3 * SIZE,
      }
      for (const none of Object.keys(room)) {
        for (let turn = 0; turn < 4; turn++) {
          await refused(one, newDelivery({ token, ...room, [none]: 0 }))
        }
      }
      const requests = Array.from({ length: 4 }, () => one.usage.reserve(newDelivery({ token, ...room })))
      expect(grantedOf(await Promise.all(requests))).toHaveLength(3)
      expect(await countersOf(one, token)).toEqual([3, 3, 3 * SIZE])
    })

    test('are none of them exceeded by 200 at once from two processes', async () => {
      const token = newName()
      const limits = {
        limitDownloads: 40,
        limitClients: 15,
        clientsWindowMs: 1_000,
        limitBytes: 35_000,
        limitConcurrency: 60,
        limitRate: 70,
      }
      const answers = await race(stores(), (index) =>
        newDelivery({ token, client: `c${index % 20}`, size: 1_000, periodStart: NOW, ...limits }),
      )
      const served = grantedOf(answers)
      const [downloads, clients, bytes] = await countersOf(stores().one, token)
      expect(served).toHaveLength(35)
      expect([downloads, bytes]).toEqual([35, 35_000])
      expect(clients).toBe(new Set(served.map(({ client }) => client)).size)
      expect(clients).toBeLessThanOrEqual(15)
    })

    test('have room again for as much as was given back', async () => {
      const { one, other } = stores()
      const token = newName()
      const limits = { limitDownloads: 30, limitBytes: 30_000, limitConcurrency: 30, limitClients: 30 }
      const ask = (): DeliveryRequest => newDelivery({ token, size: 1_000, ...limits })
      const first = grantedOf(await race(stores(), ask))
      expect(first).toHaveLength(30)
      await Promise.all(first.slice(0, 10).map((each) => other.usage.settle(each, 0, NOW)))
      expect(grantedOf(await race(stores(), ask))).toHaveLength(10)
      expect(await countersOf(one, token)).toEqual([30, 30, 30_000])
    })
  })
}
