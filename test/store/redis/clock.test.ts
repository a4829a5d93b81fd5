import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSharedClock } from '../../../src/store/redis/clock.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { deliver, granted, HOUR_MS, newDelivery, newName, refused, SIZE } from '../conformance/fixtures.ts'
import { openStore, serverAt } from './open.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

/** A store on a host whose clock is so far ahead, with the warnings that it gave. */
async function openAhead(aheadMs: number, prefix: string) {
  const warnings: string[] = []
  const clock = (): number => Date.now() + aheadMs
  const onWarning = (message: string): number => warnings.push(message)
  const store = await openStore(serverAt(server.port), { prefix, clock, correctsClock: true, onWarning })
  return { store, clock, warnings }
}

describe.each([HOUR_MS, -HOUR_MS])('a host whose clock is %i ms off', (offMs) => {
  test('resumes what a host with the right clock began, at no cost', async () => {
    const prefix = newName()
    const [right, wrong] = [await openAhead(0, prefix), await openAhead(offMs, prefix)]
    const request = newDelivery({ limitDownloads: 1 })
    await deliver(right.store, { ...request, now: right.clock() }, 400_000)
    expect(
      await deliver(wrong.store, { ...request, start: 400_000, now: wrong.clock() }, SIZE - 400_000),
    ).toBe(0)
    await Promise.all([right.store.close(), wrong.store.close()])
  })

  test('shares a rate with the others', async () => {
    const prefix = newName()
    const [right, wrong] = [await openAhead(0, prefix), await openAhead(offMs, prefix)]
    const request = newDelivery({ limitRate: 1 })
    await granted(wrong.store, { ...request, now: wrong.clock() })
    expect(await refused(right.store, { ...request, now: right.clock() })).toMatchObject({ limit: 'rate' })
    await Promise.all([right.store.close(), wrong.store.close()])
  })

  test('begins no period that has not begun by the servers, and tells their time as last use', async () => {
    const { store, clock } = await openAhead(offMs, newName())
    const begun = Date.now()
    const request = newDelivery({ now: clock(), periodStart: clock() - 1_000 })
    const { epoch } = await granted(store, request)
    expect(epoch).toBe(offMs > 0 ? 0 : 1)
    const [usage] = await store.usage.read([{ token: request.token, periodStart: null }])
    expect(usage?.lastUsedAt).toBeGreaterThan(begun - 2_000)
    expect(usage?.lastUsedAt).toBeLessThan(begun + 10_000)
    await store.close()
  })

  test('is warned of', async () => {
    const { store, warnings } = await openAhead(offMs, newName())
    const side = offMs > 0 ? 'ahead of' : 'behind'
    expect(warnings.join('\n')).toContain(`The clock of this host is 3600 s ${side}`)
    await store.close()
  })
})

describe('a shared clock', () => {
  test('leaves alone what is less than a second off, and answers that took long', () => {
    const clock = createSharedClock(() => 1_000_000, true)
    clock.compare(1_000_900, 0)
    expect(clock.correct(5)).toBe(5)
    clock.compare(2_000_000, 600)
    expect(clock.correct(5)).toBe(5)
    clock.compare(1_002_000, 100)
    expect(clock.correct(5)).toBe(2_055)
  })

  test('that does not correct leaves every instant as it is', () => {
    const clock = createSharedClock(() => 0, false)
    clock.compare(9_000_000, 0)
    expect([clock.correct(7), clock.offsetMs()]).toEqual([7, 0])
  })
})
