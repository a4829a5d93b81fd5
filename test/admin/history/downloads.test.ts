import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { StoreError } from '../../../src/store/contract.ts'
import { fieldsOf, startApi, useApi, type Json } from '../api.ts'
import { delivered, download, NOW, record } from './fixtures.ts'

const api = useApi()
const LOG = '/downloads/acme/stable/'

/** All pages from `path` on. */
async function follow(path: string): Promise<Json[]> {
  const all: Json[] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const { status, body, headers, text } = await api.call('GET', next)
    if (status !== 200) throw new Error(text)
    all.push(...(body as Json[]))
    next = /<https?:\/\/[^/]+([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
  }
  return all
}

describe('the log of downloads', () => {
  test('is told newest first, page by page, and can be filtered', async () => {
    const downloads = Array.from({ length: 1_203 }, (_, index) =>
      download(index, { token: index % 400 === 0 ? 'RARE' : 'T1', client: `192.0.2.${index % 3}` }),
    )
    for (let start = 0; start < downloads.length; start += 200) {
      await record(api, { downloads: downloads.slice(start, start + 200) })
    }
    const all = await follow(`${LOG}?page_size=500`)
    expect(all.map(({ id }) => id)).toEqual(downloads.map(({ id }) => id).toReversed())
    expect(all[0]).toEqual({
      time: new Date(NOW + 202).toISOString(),
      repository: 'acme/stable',
      token: 'T1',
      token_name: 'Example',
      format: 'deb',
      package: 'widget',
      version: '1.0',
      filename: 'widget_1.0.deb',
      client: '192.0.2.2',
      user_agent: 'apt',
      status: 200,
      bytes: 100,
      downloads: 1,
      duration_ms: 3,
      id: 'x-001202',
    })
    expect(await follow(`${LOG}?token=RARE&page_size=1`)).toHaveLength(4)
    expect(await follow(`${LOG}?client=192.0.2.1&sort=time`)).toHaveLength(401)
    expect(await follow(`${LOG}?package=none`)).toEqual([])
    const early = await follow(`${LOG}?finish=2029-12-31T23:59:59.001Z`)
    expect(early.map(({ id }) => id)).toEqual(['x-000001', 'x-000000'])
    expect(await follow('/downloads/acme/other/')).toEqual([])
  })

  test.each([
    ['format=xml', 'format'],
    ['sort=size', 'sort'],
    ['cursor=../../etc', 'cursor'],
    ['start=x', 'start'],
  ])('refuses %s', async (query, field) => {
    expect(Object.keys(fieldsOf(await api.call('GET', `${LOG}?${query}`)))).toEqual([field])
    if (field === 'format') return
    expect(fieldsOf(await api.call('GET', `${LOG}?format=csv&${query}`))).toHaveProperty(field)
  })
})

describe('an export', () => {
  test('has every record once, oldest first, as JSON lines', async () => {
    await using own = await startApi()
    const downloads = Array.from({ length: 1_100 }, (_, index) => download(index))
    await record(own, { downloads })
    const { text, headers } = await own.call('GET', `${LOG}?format=jsonl`)
    const lines = text.trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as Json)['id'])).toEqual(downloads.map(({ id }) => id))
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    expect(headers.get('content-disposition')).toBe('attachment; filename="acme-stable-downloads.jsonl"')
    const head = await own.call('HEAD', `${LOG}?format=jsonl`)
    expect([head.status, head.text]).toEqual([200, ''])
    const newest = await own.call('GET', `${LOG}?format=jsonl&sort=-time`)
    expect(newest.text.split('\n')[0]).toBe(lines.at(-1))
  })

  test('as CSV has columns, quotes and no formula that a spreadsheet would run', async () => {
    await using own = await startApi()
    const texts = [
      '=HYPERLINK("http://evil")',
      '+1',
      '-1+cmd|calc',
      '@SUM(A1)',
      '\t=1',
      ' =1',
      '\u200b=1',
      '\uff1d1',
      'a "b", c\nd',
      '1.0-2',
    ]
    const downloads = texts.map((userAgent, index) => download(index, { userAgent, filename: userAgent }))
    const givenBack = { status: null, downloads: -1, userAgent: null, durationMs: null, name: '' }
    await record(own, { downloads: [...downloads, download(99, givenBack)] })
    const { text, headers } = await own.call('GET', `${LOG}?format=csv`)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    const lines = text.split('\r\n')
    expect(lines[0]).toBe(
      '"time","repository","token","token_name","format","package","version","filename","client","user_agent","status","bytes","downloads","duration_ms","id"',
    )
    const agents = lines.slice(1, -2).map((line) => /"192\.0\.2\.1","((?:[^"]|"")*)",200/.exec(line)?.[1])
    expect(agents).toEqual([
      `'=HYPERLINK(""http://evil"")`,
      `'+1`,
      `'-1+cmd|calc`,
      `'@SUM(A1)`,
      `'\t=1`,
      `' =1`,
      `'\u200b=1`,
      `'\uff1d1`,
      'a ""b"", c\nd',
      '1.0-2',
    ])
    expect(lines.at(-2)).toContain('"deb",,"1.0","widget_1.0.deb","192.0.2.1",,,100,-1,,"x-000099"')
  })

  test('whose first page fails is an error, one that fails later is broken off', async () => {
    let failsAt = 1
    let pages = 0
    const wrapStore = (store: Store): Store => ({
      ...store,
      history: {
        ...store.history,
        downloads: async (query) => {
          if (++pages === failsAt) throw new StoreError('unavailable', 'away')
          return store.history.downloads(query)
        },
      },
    })
    await using own = await startApi({ wrapStore })
    await record(own, { downloads: Array.from({ length: 1_100 }, (_, index) => download(index)) })
    expect((await own.call('GET', `${LOG}?format=csv`)).status).toBe(503)
    ;[failsAt, pages] = [2, 0]
    await expect(own.call('GET', `${LOG}?format=csv`)).rejects.toThrow('terminated')
    expect(own.errors).toHaveLength(2)
  })

  test('reads on only as fast as it is taken, and stops when the client goes', async () => {
    let pages = 0
    const wrapStore = (store: Store): Store => ({
      ...store,
      history: {
        ...store.history,
        // A log without an end.
        downloads: async ({ limit }) => {
          pages++
          await nextTurn()
          const records = Array.from({ length: limit }, (_, index) => download(index))
          return { records, next: { at: 1, id: 'x' } }
        },
      },
    })
    await using own = await startApi({ wrapStore })
    const over = new AbortController()
    const response = await fetch(`${own.url}${LOG}?format=jsonl`, {
      headers: { 'X-Api-Key': 'a-key-of-the-management-api-for-tests' },
      signal: over.signal,
    })
    expect(response.status).toBe(200)
    let before = -1
    await expect.poll(() => before === (before = pages), { interval: 200 }).toBe(true)
    expect(pages).toBeLessThan(200)
    over.abort()
    await expect.poll(() => own.errors).toEqual([])
  })
})

test('packages of a repository are listed as far as they were downloaded', async () => {
  await using own = await startApi()
  await record(own, {
    packages: [delivered('A'), delivered('B'), delivered('A', { name: 'gadget', filename: 'g' })],
  })
  const { body, headers } = await own.call(
    'GET',
    '/packages/acme/stable/?query=widget&sort=-date&page_size=1000',
  )
  expect(headers.get('x-pagination-pagesize')).toBe('500')
  expect(body).toEqual([
    {
      name: 'widget',
      version: '1.0',
      format: 'deb',
      filename: 'widget_1.0.deb',
      slug_perm: expect.stringMatching(/^[0-9a-f]{24}$/),
      namespace: 'acme',
      repository: 'stable',
      status_str: 'Completed',
      downloads: 2,
      bandwidth: 200,
      first_downloaded_at: new Date(NOW - 5).toISOString(),
      last_downloaded_at: new Date(NOW - 5).toISOString(),
    },
  ])
})
