import { beforeAll, describe, expect, test } from 'vitest'
import { pageHeaders, readPage } from '../../src/admin/pagination.ts'
import { fieldsOf, startApi, TOKENS, useApi, type Answered, type Json } from './api.ts'

const api = useApi()
const OTHER = '/entitlements/acme/other/'

function names({ body }: Answered): unknown[] {
  return (body as Json[]).map(({ name }) => name)
}

function pagination({ headers }: Answered): (string | null)[] {
  return ['count', 'page', 'pagetotal', 'pagesize'].map((name) => headers.get(`x-pagination-${name}`))
}

test('an empty list has all four pagination headers, which Terraform insists on', async () => {
  const answer = await api.call('GET', OTHER)
  expect([answer.status, answer.body]).toEqual([200, []])
  expect(pagination(answer)).toEqual(['0', '1', '1', '30'])
  expect(answer.headers.get('link')).toBeNull()
})

describe('a list of five', () => {
  const five = useApi()
  const list = (query: string): Promise<Answered> => five.call('GET', `${TOKENS}${query}`)

  beforeAll(async () => {
    for (const name of ['delta', 'Alpha', 'charlie', 'bravo', 'echo']) {
      await five.create({ name, is_active: name !== 'bravo' })
    }
  })

  test('is sorted by name', async () => {
    const up = names(await list('?sort=name'))
    expect(up).toHaveLength(5)
    expect(names(await list(''))).toEqual(up)
    expect(names(await list('?sort=-name'))).toEqual(up.toReversed())
  })

  test('comes in pages that add up to the whole', async () => {
    const pages = await Promise.all([1, 2, 3].map((page) => list(`?page=${page}&page_size=2`)))
    expect(pages.map((page) => names(page).length)).toEqual([2, 2, 1])
    expect(pages.flatMap(names)).toEqual(names(await list('')))
    expect(pages.map(pagination)).toEqual([
      ['5', '1', '3', '2'],
      ['5', '2', '3', '2'],
      ['5', '3', '3', '2'],
    ])
  })

  test('has links to the other pages that keep what was asked for and work as they are', async () => {
    const answer = await list('?page=2&page_size=1&active=True&sort=-name&query=a&show_tokens=1&api_key=leak')
    const link = answer.headers.get('link') ?? ''
    const links = new Map(
      Array.from(link.matchAll(/<([^>]+)>; rel="(\w+)"/g), ([, url = '', relation = '']) => [relation, url]),
    )
    expect([...links.keys()]).toEqual(['first', 'prev', 'next', 'last'])
    expect(link).not.toContain('leak')
    const next = await five.call('GET', (links.get('next') ?? '').replace(five.url, ''))
    expect(pagination(next)[1]).toBe('3')
    expect(pagination(next)[0]).toBe(pagination(answer)[0])
    expect(link).toMatch(/active=True/)
  })

  test('has no first and last on a single page, and no prev and next beyond the ends', async () => {
    expect((await list('')).headers.get('link')).toBeNull()
    expect((await list('?page_size=2')).headers.get('link')).not.toMatch(/prev/)
    expect((await list('?page_size=2&page=3')).headers.get('link')).not.toMatch(/next/)
  })

  test('is empty beyond its last page', async () => {
    const answer = await list('?page=999&page_size=2')
    expect([answer.status, answer.body]).toEqual([200, []])
    expect(answer.headers.get('link')).toMatch(/page=3&page_size=2>; rel="prev"/)
  })

  test.each(['1000', '501', '99999999999999999999999'])('clamps page_size=%s to 500', async (size) => {
    expect(pagination(await list(`?page_size=${size}`))).toEqual(['5', '1', '1', '500'])
  })

  test.each(['0', '-1', 'x', '', '1.5', '1e3', '%00', '*'])(
    'takes page=%s for the first, page_size for 30',
    async (text) => {
      expect(pagination(await list(`?page=${text}&page_size=${text}`))).toEqual(['5', '1', '1', '30'])
    },
  )

  test.each(['9007199254740993', '1e308', '99999999999999999999'])('survives page=%s', async (page) => {
    expect((await list(`?page=${page}&page_size=500`)).status).toBe(200)
  })

  test.each(['True', 'true', '1'])('has only active ones with active=%s', async (value) => {
    const answer = await list(`?active=${value}`)
    expect(names(answer)).not.toContain('bravo')
    expect(pagination(answer)[0]).toBe('4')
  })

  test('is searched by a part of the name, by name:, and by slug_perm', async () => {
    expect(names(await list('?query=ALPH'))).toEqual(['Alpha'])
    expect(names(await list('?query=name:alpha'))).toEqual(['Alpha'])
    expect(names(await list('?query=+'))).toHaveLength(5)
    expect(names(await list('?query=no+such+token'))).toEqual([])
    const [first] = (await list('')).body as Json[]
    expect(names(await list(`?query=${String(first?.['slug_perm'])}`))).toEqual([first?.['name']])
  })

  test.each(['%25', '_', '1=1--', '\u{1F600}', '%22(%22'])('takes %s in a query for text', async (text) => {
    expect(names(await list(`?query=${text}`))).toEqual([])
  })

  test('shows secrets only when asked to', async () => {
    const tokens = (await list('?show_tokens=True')).body as Json[]
    expect(tokens.every(({ token }) => String(token).startsWith('ptk'))).toBe(true)
    const hidden = (await list('?show_tokens=False')).body as Json[]
    expect(new Set(hidden.map(({ token }) => token))).toEqual(new Set(['****************']))
  })

  test('has each usage beside its token', async () => {
    const [, second] = (await list('')).body as Json[]
    const token = String(second?.['slug_perm'])
    await five.store.usage.record([
      { token, downloads: 1, bytes: 7, clients: new Map([['192.0.2.1', 1]]), lastUsedAt: 0 },
    ])
    const after = (await list('')).body as Json[]
    expect(after.map(({ downloads }) => downloads)).toEqual([0, 1, 0, 0, 0])
    expect(after[1]).toMatchObject({ usage: '1 download, 1 client', bandwidth: 7 })
  })

  test.each(['created_at', '', 'name,-name', '--name', 'Name'])('can not be sorted by %j', async (sort) => {
    expect(Object.keys(fieldsOf(await list(`?sort=${sort}`)))).toEqual(['sort'])
  })

  test('is of one repository only', async () => {
    expect((await five.call('GET', OTHER)).body).toEqual([])
  })
})

test('the URLs of tokens and pages begin with the configured base', async () => {
  await using behindProxy = await startApi({ baseUrl: 'https://admin.example.com/postern' })
  const { self_url } = await behindProxy.create()
  expect(self_url).toMatch(/^https:\/\/admin\.example\.com\/postern\/entitlements\/acme\/stable\//)
})

test('a page is the first of 30 unless asked otherwise', () => {
  expect(readPage(() => undefined)).toEqual({ page: 1, pageSize: 30 })
})

test('pages are counted upwards', () => {
  const headers = pageHeaders({ page: 1, pageSize: 10 }, 11, String)
  expect(headers['X-Pagination-PageTotal']).toBe('2')
  expect(headers['Link']).toBe('<1>; rel="first", <2>; rel="next", <2>; rel="last"')
})
