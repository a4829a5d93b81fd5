import { describe, expect, test } from 'vitest'
import type { DeliveryRequest, Reservation } from '../../../src/store/contract.ts'
import {
  countersOf,
  granted,
  grantedOf,
  MINUTE_MS,
  newDelivery,
  newName,
  NOW,
  PROBE,
  race,
  refused,
  SIZE,
  useTwoStores,
  type Capabilities,
  type OpenStore,
} from './fixtures.ts'

/** The limit on downloads under way at once, and processes that end with some. */
export function describeConcurrency(open: OpenStore, { kill }: Capabilities): void {
  const stores = useTwoStores(open)
  const ask = (token: string, limitConcurrency: number | null): DeliveryRequest =>
    newDelivery({ token, limitConcurrency })

  test.each([
    [null, 3],
    [3, 3],
    [2, 2],
    [1.9, 1],
    [0.5, 0],
    [0, 0],
    [-1, 0],
  ])('of %j grants %j of three at once', async (limitConcurrency, expected) => {
    const { one, other } = stores()
    const token = newName()
    const answers = [one, other, one].map((store) => store.usage.reserve(ask(token, limitConcurrency)))
    expect(grantedOf(await Promise.all(answers))).toHaveLength(expected)
  })

  test('is never exceeded by 200 at once from two processes, nor by those that follow them', async () => {
    const { one, other } = stores()
    const token = newName()
    const first = grantedOf(await race(stores(), () => ask(token, 50)))
    expect(first).toHaveLength(50)
    const ends = first.slice(0, 20).map((each) => other.usage.settle(each, SIZE, NOW))
    const more = Array.from({ length: 60 }, () => one.usage.reserve(ask(token, 50)))
    const [answered] = await Promise.all([Promise.all(more), Promise.all(ends)])
    const second = grantedOf(answered).length
    expect(second).toBeLessThanOrEqual(20)
    expect(grantedOf(await race(stores(), () => ask(token, 50)))).toHaveLength(20 - second)
  })

  test('tells what is under way, and has room again when a delivery ends', async () => {
    const { one, other } = stores()
    const token = newName()
    const running = [await granted(one, ask(token, 2)), await granted(other, ask(token, 2))]
    const answer = await refused(one, ask(token, 2))
    expect(answer).toEqual({ granted: false, limit: 'concurrency', used: 2 })
    await other.usage.settle(running[0] ?? fail(), 0, NOW)
    await granted(one, ask(token, 2))
    await refused(other, ask(token, 2))
  })

  test('has room for one more, not two, when a delivery is settled twice', async () => {
    const { one, other } = stores()
    const token = newName()
    const first = await granted(one, ask(token, 2))
    await granted(one, ask(token, 2))
    await Promise.all([one.usage.settle(first, SIZE, NOW), other.usage.settle(first, SIZE, NOW)])
    await granted(one, ask(token, 2))
    expect(await refused(one, ask(token, 2))).toMatchObject({ used: 2 })
    await one.usage.settle(first, SIZE, NOW)
    expect(await refused(other, ask(token, 2))).toMatchObject({ used: 2 })
  })

  test('holds for resumptions and probes, and for one file as for many', async () => {
    const { one } = stores()
    const request = newDelivery({ limitConcurrency: 2 })
    await granted(one, { ...request, end: 500_000 })
    expect(await granted(one, { ...request, start: 500_000 })).toMatchObject({ charged: 0 })
    expect(await refused(one, { ...request, start: SIZE - 5 })).toMatchObject({ limit: 'concurrency' })
    const probes = newDelivery({ limitConcurrency: 1, start: SIZE - PROBE })
    expect(await granted(one, probes)).toMatchObject({ charged: 0 })
    expect(await refused(one, newDelivery({ token: probes.token, limitConcurrency: 1 }))).toMatchObject({
      limit: 'concurrency',
      used: 1,
    })
  })

  test('neither counts nor refuses what is free', async () => {
    const { one } = stores()
    const token = newName()
    const index = newDelivery({ token, kind: 'free', limitConcurrency: 1, limitRate: 99 })
    await granted(one, index)
    await granted(one, index)
    await granted(one, ask(token, 1))
    await granted(one, index)
    expect(await refused(one, ask(token, 1))).toMatchObject({ used: 1 })
  })

  test('counts those that were granted under it', async () => {
    const { one } = stores()
    const token = newName()
    const without = [await granted(one, ask(token, null)), await granted(one, newDelivery({ token }))]
    const first = await granted(one, ask(token, 1))
    for (const each of without) await one.usage.settle(each, SIZE, NOW)
    expect(await refused(one, ask(token, 1))).toMatchObject({ used: 1 })
    await one.usage.settle(first, SIZE, NOW)
    await granted(one, ask(token, 1))
  })

  test('is not used up by a refused delivery or a dry run', async () => {
    const { one } = stores()
    const token = newName()
    await refused(one, { ...ask(token, 1), limitDownloads: 0 })
    await refused(one, { ...ask(token, 1), limitBytes: 0 })
    await granted(one, { ...ask(token, 1), dryRun: true })
    await granted(one, ask(token, 1))
    expect(await refused(one, { ...ask(token, 1), dryRun: true })).toMatchObject({ limit: 'concurrency' })
  })

  test('is of one token', async () => {
    const { one } = stores()
    const tokens = [newName(), newName()]
    const answers = await Promise.all(tokens.map((token) => one.usage.reserve(ask(token, 1))))
    expect(grantedOf(answers)).toHaveLength(2)
  })

  test('that was lowered refuses until enough have ended', async () => {
    const { one } = stores()
    const token = newName()
    const running: Reservation[] = []
    for (let count = 0; count < 3; count++) running.push(await granted(one, ask(token, 3)))
    expect(await refused(one, ask(token, 1))).toMatchObject({ used: 3 })
    for (const each of running) {
      await refused(one, ask(token, 1))
      await one.usage.settle(each, SIZE, NOW)
    }
    await granted(one, ask(token, 1))
  })

  describe('across a reset', () => {
    test('what is under way keeps its place, and gives it up when it ends', async () => {
      const { one, other } = stores()
      const token = newName()
      const late = await granted(one, ask(token, 1))
      await one.usage.reset(token, NOW)
      expect(await refused(one, ask(token, 1))).toMatchObject({ limit: 'concurrency', used: 1 })
      await other.usage.settle(late, SIZE, NOW)
      expect(await countersOf(one, token)).toEqual([0, 0, 0])
      const next = await granted(one, ask(token, 1))
      await other.usage.settle(late, SIZE, NOW)
      expect(await refused(one, ask(token, 1))).toMatchObject({ limit: 'concurrency' })
      await one.usage.settle(next, SIZE, NOW)
      expect(await countersOf(one, token)).toEqual([1, 1, SIZE])
    })

    test('what is under way keeps its place when a period begins', async () => {
      const { one } = stores()
      const token = newName()
      const late = await granted(one, ask(token, 1))
      const next = { ...ask(token, 1), periodStart: NOW + 1, now: NOW + MINUTE_MS }
      expect(await refused(one, next)).toMatchObject({ limit: 'concurrency', used: 1 })
      await one.usage.settle(late, SIZE, NOW + MINUTE_MS)
      expect(await granted(one, next)).toMatchObject({ epoch: 1 })
    })
  })

  describe.each([
    ['leaves', undefined],
    ['is killed', kill],
  ])('a process that %s', (_how, end) => {
    const isPossible = end !== undefined || _how === 'leaves'
    /** Ends a process that has begun these deliveries. */
    const leaveBehind = async (...requests: readonly DeliveryRequest[]): Promise<Reservation[]> => {
      const leaving = await open({ space: stores().space })
      const left = await Promise.all(requests.map((request) => granted(leaving, request)))
      await (end === undefined ? leaving.close() : end(leaving))
      return left
    }

    test.runIf(isPossible)('leaves its charges behind, and its deliveries stand in no way', async () => {
      const { one } = stores()
      const request = newDelivery({ limitDownloads: 1 })
      await leaveBehind(request)
      expect(await countersOf(one, request.token)).toEqual([1, 1, 0])
      expect(await granted(one, request)).toMatchObject({ charged: 0, downloads: 1 })
    })

    test.runIf(isPossible)('holds no places', async () => {
      const { one, other } = stores()
      const token = newName()
      await granted(other, ask(token, 3))
      await leaveBehind(ask(token, 3), ask(token, 3))
      await granted(one, ask(token, 3))
      await granted(one, ask(token, 3))
      expect(await refused(one, ask(token, 3))).toMatchObject({ limit: 'concurrency', used: 3 })
    })

    test.runIf(isPossible)('leaves the bytes that it may have sent charged', async () => {
      const { one } = stores()
      const token = newName()
      const limitBytes = 3 * SIZE
      const file = newDelivery({ token, limitBytes })
      await leaveBehind(file, newDelivery({ token, limitBytes, kind: 'free' }))
      expect(await countersOf(one, token)).toEqual([1, 1, 2 * SIZE])
      expect(await granted(one, { ...file, now: NOW + MINUTE_MS })).toMatchObject({
        charged: 0,
        bytes: limitBytes,
      })
      expect(await refused(one, file)).toMatchObject({ limit: 'bytes' })
    })
  })
}

function fail(): never {
  throw new Error('nothing was granted')
}
