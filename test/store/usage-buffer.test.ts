import { expect, test } from 'vitest'
import type { UsageDelta, UsageStore } from '../../src/store/contract.ts'
import { createUsageBuffer, type UsageBuffer } from '../../src/store/usage-buffer.ts'

const NOW = 1_700_000_000_000
const KEY = { token: 'T1', periodStart: null, client: '192.0.2.1', artifact: 'acme/files/a' }
const WHOLE = { size: 100, start: 0, end: 100, now: NOW }

interface Fixture {
  readonly buffer: UsageBuffer
  readonly written: UsageDelta[]
  readonly failures: unknown[]
  fail: boolean
  /** So many writes fail. */
  failFirst: number
}

function setUp(): Fixture {
  const fixture = { written: [] as UsageDelta[], failures: [] as unknown[], fail: false, failFirst: 0 }
  const usage: Pick<UsageStore, 'record'> = {
    record: async (deltas) => {
      if (fixture.fail || fixture.failures.length < fixture.failFirst) throw new Error('the store is down')
      fixture.written.push(...deltas)
    },
  }
  const buffer = createUsageBuffer({
    usage,
    flushMs: 3_600_000,
    maxLedgers: 100,
    onFailure: (error) => fixture.failures.push(error),
  })
  return Object.assign(fixture, { buffer })
}

function totals(deltas: readonly UsageDelta[]): {
  downloads: number
  bytes: number
  clients: Record<string, number>
} {
  const clients: Record<string, number> = {}
  for (const delta of deltas) {
    for (const [client, count] of delta.clients) clients[client] = (clients[client] ?? 0) + count
  }
  return {
    downloads: deltas.reduce((sum, { downloads }) => sum + downloads, 0),
    bytes: deltas.reduce((sum, { bytes }) => sum + bytes, 0),
    clients,
  }
}

test('a whole delivery is one download of one client', async () => {
  const { buffer, written } = setUp()
  const delivery = buffer.download(KEY, WHOLE)
  expect(delivery.charged).toBe(1)
  delivery.settle(100, NOW)
  await buffer.flush()
  expect(totals(written)).toEqual({ downloads: 1, bytes: 100, clients: { '192.0.2.1': 1 } })
})

test('a cut delivery and its resumption are one download', async () => {
  const { buffer, written } = setUp()
  buffer.download(KEY, WHOLE).settle(40, NOW)
  const rest = buffer.download(KEY, { ...WHOLE, start: 40 })
  expect(rest.charged).toBe(0)
  rest.settle(60, NOW)
  await buffer.flush()
  expect(totals(written)).toMatchObject({ downloads: 1, bytes: 100 })
})

test('a delivery of which nothing was sent costs nothing, also when it was written in between', async () => {
  const { buffer, written } = setUp()
  const delivery = buffer.download(KEY, WHOLE)
  await buffer.flush()
  expect(totals(written).downloads).toBe(1)
  delivery.settle(0, NOW)
  await buffer.flush()
  expect(totals(written)).toEqual({ downloads: 0, bytes: 0, clients: { '192.0.2.1': 0 } })
})

test('a second settlement changes nothing', async () => {
  const { buffer, written } = setUp()
  const delivery = buffer.download(KEY, WHOLE)
  delivery.settle(100, NOW)
  delivery.settle(100, NOW)
  await buffer.flush()
  expect(totals(written)).toMatchObject({ downloads: 1, bytes: 100 })
})

test('a delivery that ends in a later period is written with the period and the moment of its beginning', async () => {
  const { buffer, written } = setUp()
  const [key, nextKey] = [1, 2].map((day) => ({ ...KEY, periodStart: NOW + day }))
  const late = buffer.download(key ?? KEY, WHOLE)
  await buffer.flush()
  written.length = 0
  buffer.addBytes(nextKey ?? KEY, 7, NOW + 100)
  late.settle(0, NOW + 101)
  await buffer.flush()
  expect(written).toEqual([
    { token: 'T1', periodStart: NOW + 2, downloads: 0, bytes: 7, lastUsedAt: NOW + 100, clients: new Map() },
    {
      token: 'T1',
      periodStart: NOW + 1,
      downloads: -1,
      bytes: 0,
      lastUsedAt: NOW,
      clients: new Map([[KEY.client, -1]]),
    },
  ])
})

test('a download of one period covers nothing of the next', () => {
  const { buffer } = setUp()
  buffer.download(KEY, WHOLE).settle(40, NOW)
  expect(buffer.download({ ...KEY, periodStart: NOW }, { ...WHOLE, start: 40 }).charged).toBe(1)
})

test('what the store does not take is kept and written later, once', async () => {
  const fixture = setUp()
  fixture.fail = true
  fixture.buffer.download(KEY, WHOLE).settle(100, NOW)
  await fixture.buffer.flush()
  expect(fixture.failures).toHaveLength(1)
  fixture.fail = false
  fixture.buffer.addBytes({ token: 'T1', periodStart: null }, 5, NOW + 1)
  await fixture.buffer.flush()
  await fixture.buffer.flush()
  expect(totals(fixture.written)).toEqual({ downloads: 1, bytes: 105, clients: { '192.0.2.1': 1 } })
  expect(fixture.written).toMatchObject([{ token: 'T1', lastUsedAt: NOW + 1 }])
})

test('closing waits for a write that is under way, and writes what it failed to write', async () => {
  const fixture = setUp()
  fixture.buffer.addBytes({ token: 'T1', periodStart: null }, 3, NOW)
  fixture.failFirst = 1
  await Promise.all([fixture.buffer.flush(), fixture.buffer.close()])
  expect(fixture.failures).toHaveLength(1)
  expect(totals(fixture.written).bytes).toBe(3)
})

test('closing writes the rest', async () => {
  const { buffer, written } = setUp()
  buffer.addBytes({ token: 'T2', periodStart: null }, 7, NOW)
  await buffer.close()
  expect(written).toMatchObject([{ token: 'T2', bytes: 7, downloads: 0 }])
})

test('two counting periods of one token are written apart, the older one first', async () => {
  const { buffer, written } = setUp()
  const before = buffer.download(KEY, WHOLE)
  const later = { ...KEY, periodStart: NOW + 1 }
  const after = buffer.download(later, { ...WHOLE, now: NOW + 2 })
  expect([before.charged, after.charged]).toEqual([1, 1])
  before.settle(100, NOW)
  after.settle(100, NOW + 3)
  await buffer.flush()
  expect(written).toMatchObject([
    { periodStart: null, downloads: 1, bytes: 100, lastUsedAt: NOW },
    { periodStart: NOW + 1, downloads: 1, bytes: 100, lastUsedAt: NOW + 2 },
  ])
})
