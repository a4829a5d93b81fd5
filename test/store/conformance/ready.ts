import { expect, test } from 'vitest'
import type { DeliveryRequest, Reservation, Store } from '../../../src/store/contract.ts'
import {
  countersOf,
  granted,
  grantedOf,
  HOUR_MS,
  newDelivery,
  NOW,
  race,
  refused,
  SIZE,
  usageOf,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

/** Deliveries that go out in one piece, or not at all: a store may settle them as it charges them. */
export function describeReady(open: OpenStore): void {
  const stores = useTwoStores(open)
  const ready = (fields: Partial<DeliveryRequest> = {}): DeliveryRequest =>
    newDelivery({ isReady: true, ...fields })

  test('count as one download each, with all their bytes', async () => {
    const { one, other } = stores()
    const request = ready()
    expect(await granted(one, request)).toMatchObject({ charged: 1, downloads: 1, clients: 1 })
    await deliver(other, request)
    await deliver(one, request)
    // The first of them was not ended: it may be settled already, or else is still under way.
    const [downloads, clients, bytes] = await countersOf(one, request.token)
    expect([downloads, clients]).toEqual([3, 1])
    expect([2 * SIZE, 3 * SIZE]).toContain(bytes)
  })

  test('never exceed a limit on downloads, however many come at once', async () => {
    const request = ready({ limitDownloads: 50 })
    const answers = await race(stores(), () => request)
    expect(grantedOf(answers)).toHaveLength(50)
    expect(answers.filter((answer) => !answer.granted && answer.limit === 'downloads')).toHaveLength(150)
    const { one } = stores()
    await Promise.all(grantedOf(answers).map((each) => finish(one, each, SIZE)))
    expect(await countersOf(one, request.token)).toEqual([50, 1, 50 * SIZE])
  })

  test('never exceed a limit on bytes', async () => {
    const { one } = stores()
    const request = ready({ limitBytes: 2 * SIZE })
    expect(await granted(one, request)).toMatchObject({ reservedBytes: SIZE, bytes: SIZE })
    await deliver(one, { ...request, artifact: `${request.artifact}-2` })
    expect(await refused(one, { ...request, artifact: `${request.artifact}-3` })).toMatchObject({
      limit: 'bytes',
      used: 2 * SIZE,
    })
  })

  test('hold a place under a limit on downloads at once until they are ended', async () => {
    const { one, other } = stores()
    const request = ready({ limitConcurrency: 1 })
    const first = await granted(one, request)
    expect(await refused(other, request)).toEqual({ granted: false, limit: 'concurrency', used: 1 })
    await finish(one, first, SIZE)
    await granted(other, request)
    expect(await refused(one, request)).toMatchObject({ limit: 'concurrency', used: 1 })
  })

  test('are taken back whole when nothing of them was sent, once, by whoever made them', async () => {
    const { one, other } = stores()
    const request = ready({ limitDownloads: 2, limitBytes: 2 * SIZE })
    await deliver(one, { ...request, client: 'another' })
    const reservation = await granted(one, request)
    await Promise.all([one.usage.settle(reservation, 0, NOW), one.usage.settle(reservation, 0, NOW)])
    await one.usage.settle(reservation, 0, NOW)
    expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
    expect(await granted(other, request)).toMatchObject({ charged: 1, downloads: 2, clients: 2 })
  })

  test('that were taken back leave the download beside them charged', async () => {
    const { one, other } = stores()
    const request = ready()
    const lost = await granted(one, request)
    await deliver(other, request)
    await one.usage.settle(lost, 0, NOW)
    expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
  })

  test('change nothing when they are taken back after a reset', async () => {
    const { one } = stores()
    const request = ready({ limitBytes: 5 * SIZE })
    const before = await granted(one, request)
    await one.usage.reset(request.token, NOW + 1)
    const after = { ...request, now: NOW + 2 }
    await deliver(one, after)
    await one.usage.settle(before, 0, NOW + 3)
    expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
  })

  test('are covered by a download that was cut, and use it up', async () => {
    const { one } = stores()
    const request = newDelivery()
    await one.usage.settle(await granted(one, request), 600_000, NOW)
    expect(await deliver(one, { ...request, isReady: true })).toMatchObject({ charged: 0 })
    expect(await deliver(one, { ...request, isReady: true })).toMatchObject({ charged: 1 })
    expect(await countersOf(one, request.token)).toEqual([2, 1, 600_000 + 2 * SIZE])
  })

  test('that are covered and not sent leave the download open', async () => {
    const { one } = stores()
    const request = newDelivery()
    await one.usage.settle(await granted(one, request), 600_000, NOW)
    await one.usage.settle(await granted(one, { ...request, isReady: true }), 0, NOW)
    expect(await granted(one, { ...request, start: 600_000 })).toMatchObject({ charged: 0 })
    expect((await usageOf(one, request.token)).bytes).toBe(600_000)
  })

  test('of a part of a file are part of a download', async () => {
    const { one } = stores()
    const request = ready({ end: 500_000 })
    expect(await deliver(one, request)).toMatchObject({ charged: 1 })
    expect(await deliver(one, { ...request, start: 500_000, end: SIZE })).toMatchObject({ charged: 0 })
    expect(await countersOf(one, request.token)).toEqual([1, 1, SIZE])
  })

  test('give their place to the next one as soon as they have ended', async () => {
    const { one } = stores()
    const request = ready({ limitConcurrency: 1 })
    for (let index = 0; index < 3; index++) await deliver(one, request)
    expect(await countersOf(one, request.token)).toEqual([3, 1, 3 * SIZE])
  })

  test('that are free count their bytes, and are taken back with them', async () => {
    const { one } = stores()
    const request = ready({ kind: 'free', limitBytes: 3 * SIZE })
    await deliver(one, request)
    expect(await deliver(one, { ...request, start: 10, end: 20 })).toMatchObject({ charged: 0 })
    const lost = await granted(one, request)
    await one.usage.settle(lost, 0, NOW)
    await one.usage.settle(lost, 0, NOW)
    expect(await countersOf(one, request.token)).toEqual([0, 0, SIZE + 10])
  })

  test('change nothing when they are only tried', async () => {
    const { one } = stores()
    const request = ready({ limitDownloads: 1 })
    expect(await granted(one, { ...request, dryRun: true })).toMatchObject({ charged: 1, downloads: 1 })
    expect(await countersOf(one, request.token)).toEqual([0, 0, 0])
    await deliver(one, request)
    expect(await refused(one, { ...request, now: NOW + HOUR_MS })).toMatchObject({ limit: 'downloads' })
  })
}

/** One that is sent whole. */
async function deliver(store: Store, request: DeliveryRequest): Promise<Reservation> {
  const reservation = await granted(store, request)
  await finish(store, reservation, request.end - request.start)
  return reservation
}

/** What the gateway does when all bytes went out. */
async function finish(store: Store, reservation: Reservation, sent: number): Promise<void> {
  if (!reservation.isSettled) await store.usage.settle(reservation, sent, NOW)
}
