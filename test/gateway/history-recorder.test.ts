import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHistory, type History, type HistoryOptions } from '../../src/gateway/history.ts'
import type { HistoryBatch } from '../../src/store/contract/history.ts'
import type { Observation } from '../../src/telemetry/observation.ts'
import { compileToken, newRecord } from '../policy/records.ts'
import { observation } from '../telemetry/observations.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const HOUR_MS = 3_600_000

interface Fixture {
  readonly history: History
  readonly written: HistoryBatch[]
  readonly failures: unknown[]
  readonly dropped: () => number
  fails: boolean
}

function setUp(options: Partial<HistoryOptions> = {}): Fixture {
  let dropped = 0
  const state = { written: [] as HistoryBatch[], failures: [] as unknown[], fails: false }
  const day = 24 * HOUR_MS
  const history = createHistory({
    history: {
      record: async (batch) => {
        if (state.fails) throw new Error('the store is down')
        state.written.push(batch)
      },
      trim: async () => undefined,
    },
    writer: 'w',
    keep: { hoursMs: day, daysMs: day, logMs: day, logEntries: 10, packages: 10 },
    addresses: 'full',
    userAgents: true,
    repositories: () => ['acme/stable'],
    clock: () => NOW,
    flushMs: HOUR_MS,
    trimMs: HOUR_MS,
    maxWaiting: 10_000,
    onDropped: (count) => (dropped += count),
    onFailure: (error) => state.failures.push(error),
    ...options,
  })
  return Object.assign(state, { history, dropped: () => dropped })
}

/** What came of observations. */
async function recorded(all: readonly Partial<Observation>[], options: Partial<HistoryOptions> = {}) {
  const { history, written } = setUp(options)
  for (const each of all) history.observe(observation(each))
  await history.flush()
  return {
    usage: written.flatMap((batch) => batch.usage),
    packages: written.flatMap((batch) => batch.packages),
    downloads: written.flatMap((batch) => batch.downloads),
  }
}

const index = {
  charged: 0,
  artifact: { format: 'deb', kind: 'metadata', path: 'Release', filename: 'Release' },
} as const

describe('what is observed', () => {
  test('becomes sums of its token and hour, sums of its package, and a record', async () => {
    const { usage, packages, downloads } = await recorded([
      {},
      { at: NOW + 5, charged: 0, status: 206, bytes: 10, client: '203.0.113.8' },
      { at: NOW + HOUR_MS },
    ])
    expect(usage.map(({ hour, downloads: count, bytes }) => [hour - NOW, count, bytes])).toEqual([
      [0, 1, 1_034],
      [HOUR_MS, 1, 1_024],
    ])
    expect([...(usage[0]?.clients ?? [])]).toEqual(['203.0.113.7', '203.0.113.8'])
    const name = { name: 'widget', version: '1.0', filename: 'widget_1.0_amd64.deb' }
    expect(packages[0]).toEqual({
      token: '01JDTOKEN1',
      tokenName: 'Example Ltd',
      repository: 'acme/stable',
      format: 'deb',
      ...name,
      downloads: 1,
      bytes: 1_034,
      firstAt: NOW,
      lastAt: NOW + 5,
    })
    expect(downloads).toHaveLength(3)
    expect(downloads[1]).toMatchObject({
      ...name,
      status: 206,
      bytes: 10,
      downloads: 0,
      client: '203.0.113.8',
    })
  })

  test('of an index is bytes and no download; of HEAD, 304 and refusals there is no record', async () => {
    const { usage, packages, downloads } = await recorded([
      { ...index, bytes: 7 },
      { method: 'HEAD', charged: 0, bytes: 0 },
      { status: 304, outcome: 'not_modified', charged: 0, bytes: 0 },
      { status: 403, outcome: 'downloads_used_up', charged: 0, bytes: 99 },
      { status: 403, outcome: 'downloads_used_up', charged: 0, bytes: 99 },
      { status: 503, outcome: 'store_unavailable', charged: 0, bytes: 99 },
    ])
    expect(usage).toMatchObject([{ downloads: 0, bytes: 7 }])
    expect([...(usage[0]?.refusals ?? [])]).toEqual([
      ['downloads_used_up', 2],
      ['store_unavailable', 1],
    ])
    expect([packages, downloads]).toEqual([[], []])
  })

  test('that was cut for want of bandwidth is a delivery and a refusal', async () => {
    const { usage, downloads } = await recorded([{ status: 200, outcome: 'bandwidth_used_up', bytes: 50 }])
    expect(usage).toMatchObject([{ downloads: 1, bytes: 50, refusals: new Map([['bandwidth_used_up', 1]]) }])
    expect(downloads).toMatchObject([{ bytes: 50, downloads: 1 }])
  })

  test('without a token is nobody’s', async () => {
    expect(await recorded([{ token: null }])).toEqual({ usage: [], packages: [], downloads: [] })
  })

  test('says of clients only what is wanted', async () => {
    const { usage, downloads } = await recorded([{}, { client: '203.0.113.99' }], {
      addresses: 'network',
      userAgents: false,
    })
    expect([...(usage[0]?.clients ?? [])]).toEqual(['203.0.113.0/24'])
    expect(downloads.map(({ client, userAgent }) => [client, userAgent])).toEqual([
      ['203.0.113.0/24', null],
      ['203.0.113.0/24', null],
    ])
    const long = await recorded([{ userAgent: 'x'.repeat(5_000) }])
    expect(long.downloads[0]?.userAgent).toHaveLength(200)
  })

  test('and given back is subtracted everywhere, with a record of its own', async () => {
    const { history, written } = setUp()
    history.observe(observation())
    const token = compileToken(newRecord({ slugPerm: '01JDTOKEN1', name: 'Example Ltd' }))
    const artifact = {
      format: 'deb',
      kind: 'package',
      path: 'pool/w/widget_1.0_amd64.deb',
      filename: 'widget_1.0_amd64.deb',
      name: 'widget',
      version: '1.0',
    } as const
    const extent = { start: 0, end: 9, size: 9 }
    const what = { token, owner: 'acme', repo: 'stable', artifact, client: '203.0.113.7', extent }
    history.giveBack({ ...what, kind: 'download', isReady: false }, 1, NOW + 3)
    await history.flush()
    const all = written.flatMap((batch) => [...batch.usage, ...batch.packages])
    expect(all.map(({ downloads, bytes }) => [downloads, bytes])).toEqual([
      [0, 1_024],
      [0, 1_024],
    ])
    const log = written.flatMap((batch) => batch.downloads)
    expect(log).toMatchObject([{ downloads: 1 }, { downloads: -1, status: null, bytes: 0, userAgent: null }])
  })

  test('adds up the same, whatever comes in which order and how often it is written', async () => {
    const event = fc.record({
      token: fc.constantFrom('A', 'B'),
      at: fc.constantFrom(NOW - 1, NOW, NOW + HOUR_MS),
      path: fc.constantFrom('a', 'b'),
      charged: fc.constantFrom(0, 1),
      bytes: fc.nat(100),
      flushes: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(event), async (events) => {
        const { history, written } = setUp()
        for (const { token, path, flushes, ...rest } of events) {
          const artifact = { format: 'raw', kind: 'package', path, filename: path } as const
          history.observe(observation({ ...rest, artifact, token: { slugPerm: token, name: token } }))
          if (flushes) await history.flush()
        }
        await history.close()
        const sum = (items: readonly { readonly downloads: number; readonly bytes: number }[]) => ({
          downloads: items.reduce((total, each) => total + each.downloads, 0),
          bytes: items.reduce((total, each) => total + each.bytes, 0),
        })
        const expected = sum(events.map(({ charged, bytes }) => ({ downloads: charged, bytes })))
        expect(sum(written.flatMap((batch) => batch.usage))).toEqual(expected)
        expect(sum(written.flatMap((batch) => batch.packages))).toEqual(expected)
        expect(sum(written.flatMap((batch) => batch.downloads))).toEqual(expected)
      }),
    )
  })
})

describe('writing', () => {
  test('goes in small batches, whose numbers rise and whose records sort as they came', async () => {
    const { history, written } = setUp()
    for (let count = 0; count < 1_000; count++) history.observe(observation({ at: NOW + count }))
    await history.flush()
    history.observe(observation())
    await history.flush()
    expect(written.map(({ number }) => number)).toEqual(written.map((_, position) => position + 1))
    const sizes = written.map(
      ({ usage, packages, downloads }) => usage.length + packages.length + downloads.length,
    )
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200)
    const ids = written.flatMap(({ downloads }) => downloads.map(({ id }) => id))
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(1_001)
  })

  test('that fails is done again later, with the same batches in the same order', async () => {
    const fixture = setUp()
    fixture.fails = true
    fixture.history.observe(observation())
    await fixture.history.flush()
    fixture.history.observe(observation({ at: NOW + 1 }))
    await fixture.history.flush()
    expect([fixture.failures.length, fixture.written.length]).toEqual([2, 0])
    fixture.fails = false
    await fixture.history.close()
    expect(fixture.written.map(({ number }) => number)).toEqual([1, 2])
    expect(fixture.written.flatMap(({ downloads }) => downloads.map(({ at }) => at - NOW))).toEqual([0, 1])
  })

  test('a store that is away costs no more memory than it may, and what is lost is told', async () => {
    const fixture = setUp({ maxWaiting: 100 })
    fixture.fails = true
    for (let count = 0; count < 1_000; count++) {
      fixture.history.observe(observation({ at: NOW + count, client: `192.0.2.${count}` }))
      if (count % 10 === 0) await fixture.history.flush()
    }
    expect(fixture.dropped()).toBeGreaterThan(800)
    fixture.fails = false
    await fixture.history.close()
    const kept = fixture.written.reduce(
      (sum, { usage, packages, downloads }) => sum + usage.length + packages.length + downloads.length,
      0,
    )
    expect(kept).toBeLessThanOrEqual(110)
  })

  test('a batch that can never be written does not stop the others for ever', async () => {
    const written: number[] = []
    const { history, dropped } = setUp({
      maxWaiting: 50,
      history: {
        record: async ({ number }) => {
          if (number === 1) throw new Error('poison')
          written.push(number)
        },
        trim: async () => undefined,
      },
    })
    for (let count = 0; count < 60; count++) {
      history.observe(observation({ at: NOW + count }))
      await history.flush()
    }
    expect(written.length).toBeGreaterThan(10)
    expect(dropped()).toBeGreaterThan(0)
  })

  test('old things are dropped now and then', async () => {
    const trimmed: unknown[] = []
    const { history } = setUp({
      trimMs: 5,
      history: {
        record: async () => undefined,
        trim: async (keep, repositories, now) => void trimmed.push([keep.logEntries, repositories, now]),
      },
    })
    await expect.poll(() => trimmed[0]).toEqual([10, ['acme/stable'], NOW])
    await history.close()
  })
})
