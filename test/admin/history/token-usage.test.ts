import { describe, expect, test } from 'vitest'
import { fieldsOf, TOKENS, useApi, type Json } from '../api.ts'
import { callAs } from '../call-as.ts'
import { DAY_MS, delivered, HOUR_MS, NOW, record, used } from './fixtures.ts'

const api = useApi()

interface Usage {
  readonly interval: string
  readonly start: string
  readonly finish: string
  readonly total: Json
  readonly buckets: readonly Json[]
}

async function usage(slugPerm: string, query = ''): Promise<Usage> {
  const answer = await api.call('GET', `${TOKENS}${slugPerm}/usage/${query}`)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body as Usage
}

describe('usage of a token', () => {
  test('is told day by day for the last month, with zeroes between', async () => {
    const { slug_perm } = await api.create()
    await record(api, used(slug_perm, NOW, 1, 10, ['a', 'b']))
    await record(api, used(slug_perm, NOW - 2 * DAY_MS, 4, 20, ['b', 'c']))
    const { interval, total, buckets } = await usage(slug_perm)
    expect([interval, buckets.length]).toEqual(['day', 31])
    expect(buckets.slice(-3)).toEqual([
      { start: '2029-12-30T00:00:00.000Z', downloads: 4, bandwidth: 20, clients: 2, refusals: {} },
      { start: '2029-12-31T00:00:00.000Z', downloads: 0, bandwidth: 0, clients: 0, refusals: {} },
      { start: '2030-01-01T00:00:00.000Z', downloads: 1, bandwidth: 10, clients: 2, refusals: {} },
    ])
    // A client of two days is one client.
    expect(total).toEqual({ downloads: 5, bandwidth: 30, clients: 3, refusals: {} })
  })

  test('is told hour by hour, with refusals by their reason', async () => {
    const { slug_perm } = await api.create()
    const [increment] = used(slug_perm, NOW - HOUR_MS, 0, 0).usage
    const refusals = new Map([
      ['token_expired', 2],
      ['rate_exceeded', 1],
    ])
    if (increment !== undefined) await record(api, { usage: [{ ...increment, refusals }] })
    const query = '?interval=hour&start=2029-12-31T22:10:00Z&finish=2029-12-31T23:00:00Z'
    const { start, finish, total, buckets } = await usage(slug_perm, query)
    expect([start, finish]).toEqual(['2029-12-31T22:00:00.000Z', '2030-01-01T00:00:00.000Z'])
    expect(buckets.map((each) => each['refusals'])).toEqual([{}, { token_expired: 2, rate_exceeded: 1 }])
    expect(total['refusals']).toEqual({ token_expired: 2, rate_exceeded: 1 })
    expect((await usage(slug_perm, '?interval=hour')).buckets).toHaveLength(25)
  })

  test('does not say zero of what is not kept, nor of what is still to come', async () => {
    const { slug_perm } = await api.create()
    const all = '&start=1970-01-01&finish=9999-12-31'
    expect((await usage(slug_perm, `?interval=hour${all}`)).buckets).toHaveLength(8 * 24)
    expect((await usage(slug_perm, `?interval=day${all}`)).buckets).toHaveLength(400)
    expect((await usage(slug_perm, '?interval=hour&start=1980-01-01&finish=1980-01-02')).buckets).toEqual([])
    expect((await usage(slug_perm, '?start=2040-01-01&finish=2040-01-02')).buckets).toEqual([])
  })

  test('refuses other intervals', async () => {
    const { slug_perm } = await api.create()
    const answer = await api.call('GET', `${TOKENS}${slug_perm}/usage/?interval=week`)
    expect(fieldsOf(answer)).toEqual({ interval: ['This must be hour or day.'] })
  })

  test.each(['usage', 'clients', 'packages'])(
    'of a token that is not there is not found: %s',
    async (part) => {
      expect((await api.call('GET', `${TOKENS}nobody/${part}/`)).status).toBe(404)
      const { slug_perm } = await api.create()
      expect((await api.call('GET', `/entitlements/acme/other/${slug_perm}/${part}/`)).status).toBe(404)
    },
  )
})

describe('clients of a token', () => {
  async function withClients(count: number): Promise<string> {
    const { slug_perm } = await api.create()
    const clients = Array.from({ length: count }, (_, index) => `2001:db8:0:${index}::/64`)
    for (const [index, client] of clients.entries()) {
      const delta = { token: slug_perm, downloads: 1, bytes: 1, clients: new Map([[client, 1]]) }
      await api.store.usage.record([{ ...delta, lastUsedAt: NOW - index }])
    }
    return slug_perm
  }

  test('are as many as the token says, page by page', async () => {
    const slugPerm = await withClients(3)
    const path = `${TOKENS}${slugPerm}/clients/`
    const { body, headers } = await api.call('GET', `${path}?page_size=2`)
    const first_seen_at = new Date(NOW).toISOString()
    expect((body as Json[])[0]).toEqual({
      address: '2001:db8:0:0::/64',
      downloads: 1,
      first_seen_at,
      last_seen_at: first_seen_at,
    })
    expect(headers.get('x-pagination-count')).toBe('3')
    expect(headers.get('link')).toContain(`${path}?page=2&page_size=2>; rel="next"`)
    expect(await api.read(slugPerm)).toMatchObject({ clients: 3 })
  })

  test('can be released one by one, and a released one is not there', async () => {
    const slugPerm = await withClients(3)
    const one = `${TOKENS}${slugPerm}/clients/${encodeURIComponent('2001:db8:0:1::/64')}/`
    expect(await api.call('DELETE', one)).toMatchObject({ status: 204, text: '' })
    expect((await api.call('DELETE', one)).status).toBe(404)
    expect(await api.read(slugPerm)).toMatchObject({ clients: 2, downloads: 3 })
    const { body: lines } = await api.call(
      'GET',
      `/audit-log/acme/stable/?query=event:repo.entitlement.client_released`,
    )
    expect((lines as Json[]).filter((line) => line['object_slug_perm'] === slugPerm)).toMatchObject([
      { actor: 'Operations', changes: { client: { before: '2001:db8:0:1::/64', after: null } } },
    ])
    const { body } = await api.call('GET', `${TOKENS}${slugPerm}/clients/`)
    expect((body as Json[]).map(({ address }) => address)).not.toContain('2001:db8:0:1::/64')
  })

  test('are not changed by other methods, nor all at once', async () => {
    const slugPerm = await withClients(1)
    expect((await api.call('DELETE', `${TOKENS}${slugPerm}/clients/`)).status).toBe(405)
    expect((await api.call('POST', `${TOKENS}${slugPerm}/clients/a/`)).status).toBe(405)
  })
})

test('packages of a token are listed with their names', async () => {
  const { slug_perm } = await api.create()
  const unknown = { name: '', version: '', filename: 'odd.bin', lastAt: NOW, firstAt: NOW }
  await record(api, { packages: [delivered(slug_perm), delivered(slug_perm, unknown)] })
  const { body, headers } = await api.call('GET', `${TOKENS}${slug_perm}/packages/`)
  expect(headers.get('x-pagination-count')).toBe('2')
  expect(body).toMatchObject([
    { name: 'odd.bin', version: '', filename: 'odd.bin' },
    {
      name: 'widget',
      version: '1.0',
      format: 'deb',
      filename: 'widget_1.0.deb',
      repository: 'acme/stable',
      downloads: 1,
      bandwidth: 100,
      last_downloaded_at: new Date(NOW - 5).toISOString(),
    },
  ])
  const found = await api.call('GET', `${TOKENS}${slug_perm}/packages/?query=name:WID`)
  expect((found.body as Json[]).map(({ name }) => name)).toEqual(['widget'])
})

test('packages of a token that lie in other repositories are shown only to keys that cover everything', async () => {
  const { slug_perm } = await api.create({ repositories: ['acme/*'] })
  const elsewhere = delivered(slug_perm, { repository: 'acme/other', name: 'hidden' })
  await record(api, { packages: [delivered(slug_perm), elsewhere] })
  const path = `${TOKENS}${slug_perm}/packages/`
  const namesFor = async (repositories: readonly string[]): Promise<unknown> => {
    const { body, headers } = await (await callAs(api, { role: 'viewer', repositories })).call('GET', path)
    return [(body as Json[]).map(({ name }) => name).toSorted(), headers.get('x-pagination-count')]
  }
  expect(await namesFor(['acme/stable'])).toEqual([['widget'], '1'])
  expect(await namesFor(['*/*'])).toEqual([['hidden', 'widget'], '2'])
})

test('who downloaded a package is told, in every version or in one, whatever its name', async () => {
  const name = '@acme/widget'
  await record(api, {
    packages: [
      delivered('A', { name }),
      delivered('B', { name, version: '2.0', lastAt: NOW }),
      delivered('C', { name, repository: 'acme/other' }),
    ],
  })
  const ask = async (query: string): Promise<unknown> => {
    const path = `/usage/acme/stable/packages/${encodeURIComponent(name)}/${query}`
    return ((await api.call('GET', path)).body as Json[]).map((each) => [each['token'], each['token_name']])
  }
  expect(await ask('')).toEqual([
    ['B', 'Name of B'],
    ['A', 'Name of A'],
  ])
  expect(await ask('?version=1.0')).toEqual([['A', 'Name of A']])
  expect(await ask('?version=3.0')).toEqual([])
})
