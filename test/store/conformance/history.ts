import { describe, expect, test } from 'vitest'
import type {
  DownloadRecord,
  DownloadsQuery,
  HistoryBatch,
  HistoryRetention,
  PackageIncrement,
  UsageIncrement,
} from '../../../src/store/contract/history.ts'
import type { Store } from '../../../src/store/contract.ts'
import { countClients, joinSketches } from '../../../src/store/distinct-clients.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, newName, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

export const KEEP: HistoryRetention = {
  hoursMs: 8 * DAY_MS,
  daysMs: 400 * DAY_MS,
  logMs: 30 * DAY_MS,
  logEntries: 10_000,
  packages: 1_000,
}
const HOUR = NOW - (NOW % HOUR_MS)
const DAY = NOW - (NOW % DAY_MS)
const EVER = { from: 0, until: NOW + 10 * DAY_MS }

let batches = 0

/** A batch of a writer of its own. */
export function newBatch(content: Partial<HistoryBatch>): HistoryBatch {
  const empty = { usage: [], packages: [], downloads: [] }
  return { writer: newName(), number: ++batches, now: NOW, ...empty, ...content }
}

export function increment(fields: Partial<UsageIncrement> & { readonly token: string }): UsageIncrement {
  return { hour: HOUR, downloads: 1, bytes: 100, refusals: new Map(), clients: ['192.0.2.1'], ...fields }
}

export function delivered(fields: Partial<PackageIncrement> & { readonly token: string }): PackageIncrement {
  const name = { name: 'widget', version: '1.0', filename: 'widget_1.0.deb' }
  const repository = `acme/${fields.token}`
  const times = { firstAt: NOW, lastAt: NOW }
  return {
    repository,
    tokenName: 'Example',
    format: 'deb',
    ...name,
    downloads: 1,
    bytes: 100,
    ...times,
    ...fields,
  }
}

export function newRecord(fields: Partial<DownloadRecord> & { readonly repository: string }): DownloadRecord {
  return {
    id: newName(),
    at: NOW,
    token: 'T1',
    tokenName: 'Example',
    format: 'deb',
    name: 'widget',
    version: '1.0',
    filename: 'widget_1.0.deb',
    client: '192.0.2.1',
    userAgent: 'apt',
    status: 200,
    bytes: 100,
    downloads: 1,
    durationMs: 12,
    ...fields,
  }
}

async function add(store: Store, content: Partial<HistoryBatch>, keep = KEEP): Promise<void> {
  await store.history.record(newBatch(content), keep)
}

export function describeHistory(open: OpenStore): void {
  const stores = useTwoStores(open)

  describe('usage', () => {
    test('knows the tokens that were seen last, those of the latest days first, also when they were refused', async () => {
      const { one, other } = stores()
      const [old, late, refused] = [newName(), newName(), newName()]
      const today = DAY + 5 * DAY_MS
      await one.history.record(newBatch({ usage: [increment({ token: old })] }), KEEP)
      const usage = [
        increment({ token: late, hour: today }),
        increment({ token: refused, hour: today, downloads: 0, bytes: 0, refusals: new Map([['x', 1]]) }),
      ]
      await one.history.record(newBatch({ usage, now: today + 1 }), KEEP)
      await other.history.record(newBatch({ usage, now: today + 2 }), KEEP)
      const seen = await other.history.seen({ from: DAY, limit: 5_000 })
      const own = seen.filter((token) => [old, late, refused].includes(token))
      expect(new Set(own.slice(0, 2))).toEqual(new Set([late, refused]))
      expect(own.slice(2)).toEqual([old])
      const lately = await one.history.seen({ from: today + 1, limit: 5_000 })
      expect(lately).not.toContain(old)
      expect(await one.history.seen({ from: DAY, limit: 1 })).toHaveLength(1)
    })

    test('of two processes that write at once adds up, hour by hour and day by day', async () => {
      const { one, other } = stores()
      const token = newName()
      const hours = [HOUR, HOUR - HOUR_MS, DAY - 3 * DAY_MS]
      const writes = Array.from({ length: 60 }, (_, index) => {
        const hour = hours[index % 3] ?? HOUR
        const refusals = new Map([['token_expired', 1]])
        const usage = [increment({ token, hour, bytes: index, clients: [`client-${index % 7}`], refusals })]
        return add(index % 2 === 0 ? one : other, { usage })
      })
      await Promise.all(writes)
      const buckets = await other.history.usage({ token, span: 'hour', ...EVER })
      expect(buckets.map(({ start }) => start)).toEqual(hours.toSorted((a, b) => a - b))
      for (const { downloads, refusals, clients } of buckets) {
        expect([downloads, refusals]).toEqual([20, { token_expired: 20 }])
        expect(countClients(clients)).toBe(7)
      }
      const days = await one.history.usage({ token, span: 'day', ...EVER })
      expect(days.reduce((sum, { bytes }) => sum + bytes, 0)).toBe((59 * 60) / 2)
      expect(days.map(({ start }) => start % DAY_MS)).toEqual(days.map(() => 0))
    })

    test('is told for the hours that begin in the interval, its first instant included and its last not', async () => {
      const { one } = stores()
      const token = newName()
      const hours = [0, 1, 2, 3].map((count) => HOUR - count * HOUR_MS)
      await add(one, { usage: hours.map((hour) => increment({ token, hour })) })
      const interval = { from: HOUR - 2 * HOUR_MS, until: HOUR }
      const buckets = await one.history.usage({ token, span: 'hour', ...interval })
      expect(buckets.map(({ start }) => start)).toEqual([HOUR - 2 * HOUR_MS, HOUR - HOUR_MS])
      const totals = await one.history.totals({ tokens: [token, newName()], span: 'hour', ...interval })
      expect(totals).toEqual([
        { downloads: 2, bytes: 200 },
        { downloads: 0, bytes: 0 },
      ])
      expect(await one.history.totals({ tokens: [], span: 'day', ...EVER })).toEqual([])
      expect(await one.history.usage({ token: newName(), span: 'day', ...EVER })).toEqual([])
    })

    test('that was given back is subtracted, also below zero', async () => {
      const { one } = stores()
      const token = newName()
      await add(one, { usage: [increment({ token, downloads: -1, bytes: 0, clients: [] })] })
      expect(await one.history.usage({ token, span: 'hour', ...EVER })).toEqual([
        { start: HOUR, downloads: -1, bytes: 0, refusals: {}, clients: '' },
      ])
      await add(one, { usage: [increment({ token, downloads: 3, bytes: 2 ** 52 })] })
      const [total] = await one.history.totals({ tokens: [token], span: 'day', ...EVER })
      expect(total).toEqual({ downloads: 2, bytes: 2 ** 52 })
    })

    test('counts many clients to within a tenth, whoever saw them and in which order', async () => {
      const { one, other } = stores()
      const token = newName()
      const clients = Array.from({ length: 2_000 }, (_, index) => `198.51.100.${index}`)
      for (const [index, store] of [one, other, one].entries()) {
        const seen = clients.slice(index * 500, index * 500 + 1_000)
        await add(store, { usage: [increment({ token, clients: seen })] })
      }
      const sketches = (await one.history.usage({ token, span: 'day', ...EVER })).map((each) => each.clients)
      const [expected, error] = [2_000, 200]
      expect(Math.abs(countClients(joinSketches(sketches)) - expected)).toBeLessThan(error)
    })

    test('of a batch that is written again is not added again; a later one of its writer is', async () => {
      const { one, other } = stores()
      const [token, writer] = [newName(), newName()]
      const content = {
        usage: [increment({ token })],
        packages: [delivered({ token })],
        downloads: [newRecord({ repository: `acme/${token}` })],
      }
      const first = newBatch({ writer, number: 1, ...content })
      await one.history.record(first, KEEP)
      await other.history.record(first, KEEP)
      const second = { ...first, number: 2, downloads: [] }
      await one.history.record(second, KEEP)
      await one.history.record(second, KEEP)
      const [total] = await one.history.totals({ tokens: [token], span: 'hour', ...EVER })
      expect(total).toEqual({ downloads: 2, bytes: 200 })
      const { packages } = await one.history.packages({
        of: { token, repository: null },
        search: '',
        page: 1,
        pageSize: 9,
      })
      expect(packages).toMatchObject([{ downloads: 2, bytes: 200 }])
      expect(await logOf(one, { repository: `acme/${token}` })).toHaveLength(1)
    })
  })

  describe('packages', () => {
    test('of a token are told with what was used of them, last used first', async () => {
      const { one, other } = stores()
      const token = newName()
      await add(one, { packages: [delivered({ token, firstAt: NOW - 5, lastAt: NOW - 2 })] })
      await add(other, { packages: [delivered({ token, firstAt: NOW - 9, lastAt: NOW - 8, bytes: 7 })] })
      const gadget = { name: 'gadget', version: '', filename: 'gadget.tgz', format: 'npm' } as const
      await add(one, { packages: [delivered({ token, ...gadget })] })
      const query = { of: { token, repository: null }, search: '', page: 1, pageSize: 10 }
      const answer = await one.history.packages(query)
      const repository = `acme/${token}`
      expect(answer).toEqual({
        total: 2,
        packages: [
          { repository, ...gadget, downloads: 1, bytes: 100, firstAt: NOW, lastAt: NOW },
          {
            repository,
            format: 'deb',
            name: 'widget',
            version: '1.0',
            filename: 'widget_1.0.deb',
            downloads: 2,
            bytes: 107,
            firstAt: NOW - 9,
            lastAt: NOW - 2,
          },
        ],
      })
      const second = await other.history.packages({ ...query, page: 2, pageSize: 1 })
      expect([second.total, second.packages.map(({ name }) => name)]).toEqual([2, ['widget']])
      const found = await other.history.packages({ ...query, search: 'DGET.t' })
      expect(found.packages.map(({ name }) => name)).toEqual(['gadget'])
      await add(one, { packages: [delivered({ token, repository: 'acme/elsewhere' })] })
      const count = async (inside: string | null): Promise<number> =>
        (await other.history.packages({ ...query, of: { token, repository: inside } })).total
      expect(await Promise.all([null, repository, 'acme/elsewhere', 'acme/none'].map(count))).toEqual([
        3, 2, 1, 0,
      ])
    })

    test('of which everything was given back are not told', async () => {
      const { one } = stores()
      const token = newName()
      await add(one, { packages: [delivered({ token, bytes: 0 })] })
      await add(one, { packages: [delivered({ token, downloads: -1, bytes: 0 })] })
      const repository = `acme/${token}`
      const page = { search: '', page: 1, pageSize: 10 }
      const none = { total: 0, packages: [] }
      expect(await one.history.packages({ of: { token, repository: null }, ...page })).toEqual(none)
      expect(await one.history.packages({ of: { repository }, ...page })).toEqual(none)
    })

    test('of a repository are summed up over its tokens, and over the days that were asked for', async () => {
      const { one, other } = stores()
      const repository = `acme/${newName()}`
      const [first, second] = [newName(), newName()]
      await add(one, { packages: [delivered({ token: first, repository })] })
      await add(other, { packages: [delivered({ token: second, repository })] })
      const before = { firstAt: NOW - DAY_MS, lastAt: NOW - DAY_MS }
      await add(one, { packages: [delivered({ token: first, repository, bytes: 7, ...before })] })
      const page = { search: '', page: 1, pageSize: 10 }
      expect(await one.history.packages({ of: { repository }, ...page })).toMatchObject({
        total: 1,
        packages: [{ downloads: 3, bytes: 207, firstAt: NOW - DAY_MS, lastAt: NOW }],
      })
      const name = { name: 'widget', version: '1.0', filename: 'widget_1.0.deb' }
      const sums = (from: number, until: number) => one.history.packageTotals({ repository, from, until })
      expect(await sums(DAY, DAY + DAY_MS)).toEqual([{ ...name, downloads: 2, bytes: 200 }])
      expect(await sums(DAY - 400 * DAY_MS, DAY + 1)).toEqual([{ ...name, downloads: 3, bytes: 207 }])
      expect(await sums(DAY + DAY_MS, DAY + 2 * DAY_MS)).toEqual([])
    })

    test('tell to whom they went, under the name of the last time', async () => {
      const { one, other } = stores()
      const repository = `acme/${newName()}`
      const name = '@scope/{odd} "name"'
      const [first, second] = [newName(), newName()]
      const times = { firstAt: NOW - 50, lastAt: NOW - 50 }
      await add(one, { packages: [delivered({ token: first, repository, name, tokenName: 'New' })] })
      await add(one, {
        packages: [delivered({ token: first, repository, name, tokenName: 'Old', ...times })],
      })
      await add(other, { packages: [delivered({ token: second, repository, name, version: '2', ...times })] })
      await add(other, { packages: [delivered({ token: second, repository })] })
      const query = { repository, name, version: null, page: 1, pageSize: 10 }
      const filename = 'widget_1.0.deb'
      expect(await other.history.downloaders(query)).toEqual({
        total: 2,
        downloaders: [
          {
            token: first,
            tokenName: 'New',
            version: '1.0',
            filename,
            downloads: 2,
            bytes: 200,
            firstAt: NOW - 50,
            lastAt: NOW,
          },
          {
            token: second,
            tokenName: 'Example',
            version: '2',
            filename,
            downloads: 1,
            bytes: 100,
            firstAt: NOW - 50,
            lastAt: NOW - 50,
          },
        ],
      })
      const { total, downloaders } = await one.history.downloaders({ ...query, version: '2' })
      expect([total, downloaders.map(({ token }) => token)]).toEqual([1, [second]])
      expect(await one.history.downloaders({ ...query, name: 'other' })).toEqual({
        total: 0,
        downloaders: [],
      })
    })

    test('of a token beyond what is kept are forgotten, not the latest', async () => {
      const { one } = stores()
      const token = newName()
      for (let index = 0; index < 30; index++) {
        const at = NOW - 30 + index
        const packages = [delivered({ token, name: `p${index}`, firstAt: at, lastAt: at })]
        await add(one, { packages }, { ...KEEP, packages: 10 })
      }
      await one.history.trim({ ...KEEP, packages: 10 }, [], NOW)
      const left = await one.history.packages({
        of: { token, repository: null },
        search: '',
        page: 1,
        pageSize: 100,
      })
      expect(left.total).toBe(10)
      expect(left.packages[0]?.name).toBe('p29')
    })
  })

  describe('the log', () => {
    test('gives records back as they were', async () => {
      const { one, other } = stores()
      const repository = `acme/${newName()}`
      const odd = {
        name: '',
        version: '"\n\u202e',
        filename: 'a b\t,ü',
        userAgent: null,
        client: '2001:db8::/64',
      }
      const record = newRecord({ repository, ...odd, bytes: 2 ** 52, downloads: 0, status: 206 })
      const back = newRecord({ repository, at: NOW + 1, status: null, downloads: -1, durationMs: null })
      await add(one, { downloads: [record, back] })
      expect(await logOf(other, { repository })).toEqual([record, back])
    })

    test.each([false, true])(
      'is paged by time without a gap or a repetition, newest first: %s',
      async (descending) => {
        const { one, other } = stores()
        const repository = `acme/${newName()}`
        // Many of one instant.
        const records = Array.from({ length: 50 }, (_, index) =>
          newRecord({ repository, at: NOW - 10 + Math.floor(index / 12), version: String(index) }),
        )
        await add(one, { downloads: records.filter((_, index) => index % 2 === 0) })
        await add(other, { downloads: records.filter((_, index) => index % 2 === 1) })
        const order = records.map(({ version }) => version)
        for (const limit of [1, 7, 12, 50, 60]) {
          const paged = await logOf(one, { repository, descending, limit })
          expect(paged.map(({ version }) => version)).toEqual(descending ? order.toReversed() : order)
        }
      },
    )

    test('is told of an interval and of what was asked for', async () => {
      const { one } = stores()
      const repository = `acme/${newName()}`
      const fields: readonly Partial<DownloadRecord>[] = [
        { at: NOW - 3, token: 'A' },
        { at: NOW - 2, token: 'B', name: 'gadget' },
        { at: NOW - 1, token: 'A', version: '2', client: '198.51.100.7' },
      ]
      await add(one, { downloads: fields.map((each) => newRecord({ repository, ...each })) })
      const times = async (query: Partial<DownloadsQuery>): Promise<readonly number[]> =>
        (await logOf(one, { repository, ...query })).map(({ at }) => NOW - at)
      expect(await times({ from: NOW - 2 })).toEqual([2, 1])
      expect(await times({ until: NOW - 1 })).toEqual([3, 2])
      expect(await times({ filter: { token: 'A' } })).toEqual([3, 1])
      expect(await times({ filter: { token: 'A' }, limit: 1 })).toEqual([3, 1])
      expect(await times({ filter: { name: 'gadget' } })).toEqual([2])
      expect(await times({ filter: { version: '1.0', name: 'widget' } })).toEqual([3])
      expect(await times({ filter: { client: '198.51.100.7' } })).toEqual([1])
      expect(await times({ filter: { client: '198.51.100' } })).toEqual([])
    })

    test('keeps what is young, and no more than it may', async () => {
      const { one } = stores()
      const repository = `acme/${newName()}`
      const ages = [40 * DAY_MS, 31 * DAY_MS, 29 * DAY_MS, MINUTE_MS, 0]
      const downloads = ages.map((age) => newRecord({ repository, at: NOW - age }))
      await add(one, { downloads })
      await one.history.trim(KEEP, [repository], NOW)
      const left = async () => (await logOf(one, { repository })).map(({ at }) => NOW - at)
      expect(await left()).toEqual([29 * DAY_MS, MINUTE_MS, 0])
      await one.history.trim({ ...KEEP, logEntries: 2 }, [repository], NOW)
      expect(await left()).toEqual([MINUTE_MS, 0])
      await one.history.trim({ ...KEEP, logMs: MINUTE_MS }, [repository], NOW + 1)
      expect(await left()).toEqual([0])
    })
  })

  test('hours and days that are too old are dropped when others come', async () => {
    const { one } = stores()
    const token = newName()
    const ages = [500, 399, 9, 7, 0]
    for (const age of ages) await add(one, { usage: [increment({ token, hour: HOUR - age * DAY_MS })] })
    await add(one, { usage: [increment({ token, hour: HOUR - HOUR_MS })] })
    await one.history.trim(KEEP, [], NOW)
    const startsOf = async (span: 'hour' | 'day') =>
      (await one.history.usage({ token, span, ...EVER })).map(({ start }) =>
        Math.round((NOW - start) / DAY_MS),
      )
    expect((await startsOf('hour'))[0]).toBe(7)
    expect(await startsOf('day')).not.toContain(500)
    expect((await startsOf('day')).length).toBeGreaterThanOrEqual(4)
  })
}

/** All pages of a log. */
async function logOf(
  store: Store,
  query: Partial<DownloadsQuery> & { readonly repository: string },
): Promise<readonly DownloadRecord[]> {
  const all: DownloadRecord[] = []
  const whole = { from: 0, until: NOW + DAY_MS, filter: {}, descending: false, limit: 100, ...query }
  for (let after: DownloadsQuery['after'] = null; ;) {
    const { records, next } = await store.history.downloads({ ...whole, after })
    expect(records.length).toBeLessThanOrEqual(whole.limit)
    all.push(...records)
    if (next === null) return all
    after = next
  }
}
