import { beforeAll, describe, expect, test } from 'vitest'
import { fieldsOf, KEY, TOKENS, useApi, type Answered, type Json } from './api.ts'

const api = useApi()
let before: Json & { readonly slug_perm: string; readonly token: string }

beforeAll(async () => {
  await api.create({ name: 'Neighbour', token: 'neighbours-secret' })
  before = await api.create({
    limit_date_range_from: '2030-01-01',
    limit_date_range_to: '2030-06-01',
    limit_package_query: 'name:widget',
    metadata: { licence: 'L-1' },
  })
})

const WRITES: readonly (readonly [string, (body: unknown) => Promise<Answered>])[] = [
  ['POST', (body) => api.call('POST', TOKENS, { name: 'x', ...(body as object) })],
  ['PATCH', (body) => api.call('PATCH', `${TOKENS}${before.slug_perm}/`, body)],
  ['POST refresh', (body) => api.call('POST', `${TOKENS}${before.slug_perm}/refresh/`, body)],
]

async function count(): Promise<string | null> {
  return (await api.call('GET', TOKENS)).headers.get('x-pagination-count')
}

/** What is wrong with a value, where the others of the body are fine. */
const REFUSED: readonly (readonly [string, Json, string])[] = [
  ['a secret of another token', { token: 'neighbours-secret' }, 'token'],
  ['a secret that is too short', { token: 'short' }, 'token'],
  ['a secret with a slash', { token: 'with/a/slash' }, 'token'],
  ['a secret that is a word of the gate', { token: '.well-known' }, 'token'],
  ['a mistyped generated secret', { token: `ptk${'0'.repeat(32)}` }, 'token'],
  [
    'an empty window',
    { limit_date_range_from: '2030-01-02', limit_date_range_to: '2030-01-02' },
    'limit_date_range_to',
  ],
  [
    'a window that ends before it begins',
    { limit_date_range_from: '2031-01-01', limit_date_range_to: '2030-01-01' },
    'limit_date_range_to',
  ],
  ['a day that does not exist', { limit_date_range_to: '2030-02-30' }, 'limit_date_range_to'],
  ['a query that is too long', { limit_package_query: `name:${'x'.repeat(1_020)}` }, 'limit_package_query'],
  ['a path query that is too long', { limit_path_query: '/'.repeat(1_025) }, 'limit_path_query'],
  ['metadata above 16 KB', { metadata: { text: 'x'.repeat(17_000) } }, 'metadata'],
  ['metadata that is a list', { metadata: [] }, 'metadata'],
  ['a name that is null', { name: null }, 'name'],
  ['a limit as text', { limit_num_downloads: '5' }, 'limit_num_downloads'],
  ['a limit below zero', { limit_num_clients: -1 }, 'limit_num_clients'],
  [
    'more bytes than can be counted',
    { limit_bandwidth: 10, limit_bandwidth_unit: 'Exabyte' },
    'limit_bandwidth',
  ],
  ['a unit that is none', { limit_bandwidth_unit: 'GB' }, 'limit_bandwidth_unit'],
  ['a period that is none', { scheduled_reset_period: 'Hourly' }, 'scheduled_reset_period'],
  ['a EULA that is no word', { eula_required: 'yes' }, 'eula_required'],
  ['a broadcast', { access_private_broadcasts: true }, 'access_private_broadcasts'],
  ['a field that is read-only', { slug_perm: 'x' }, 'slug_perm'],
  ['a field that there is not', { limit_num_download: 5 }, 'limit_num_download'],
  ['Python’s true', { is_active: 'True' }, 'is_active'],
]

describe.each(WRITES)('%s', (_name, write) => {
  test.each(REFUSED)('with %s is refused at its field, and changes nothing', async (_what, body, field) => {
    const total = await count()
    const answer = await write(body)
    expect(Object.keys(fieldsOf(answer))).toEqual([field])
    expect(answer.text).not.toContain('neighbours-secret')
    expect(await api.read(before.slug_perm)).toEqual(before)
    expect(await count()).toBe(total)
  })

  test('with a megabyte of metadata is a 413', async () => {
    expect((await write({ metadata: { text: 'x'.repeat(1_000_000) } })).status).toBe(413)
    expect(await api.read(before.slug_perm)).toEqual(before)
  })

  test.each([
    ['name:', 'character 6: a value is missing'],
    ['name:x AND', 'character 11: a term is missing here'],
    ['(name:x', 'character 1: this parenthesis is not closed'],
    ['name:x)', 'character 7: no parenthesis is open here'],
    ['name:x and y', 'character 8: write AND in capitals, or the word in quotes'],
    ['versoin:1', 'character 1: there is no field "versoin" (did you mean version?)'],
    ['downloads:>5', 'character 1: nothing in a request tells "downloads" of a package'],
    ["'open", 'character 1: this quote is not closed'],
  ] as const)('with the query %s says where it ends to be one', async (query, message) => {
    expect(fieldsOf(await write({ limit_package_query: query }))).toEqual({ limit_package_query: [message] })
    expect(await api.read(before.slug_perm)).toEqual(before)
  })
})

describe('one end of a window', () => {
  test.each([
    [{ limit_date_range_from: '2030-06-01' }, 'limit_date_range_from'],
    [{ limit_date_range_to: '2029-01-01' }, 'limit_date_range_to'],
  ])('is judged with the other that stands: %j', async (body, field) => {
    expect(Object.keys(fieldsOf(await api.call('PATCH', `${TOKENS}${before.slug_perm}/`, body)))).toEqual([
      field,
    ])
    expect(await api.read(before.slug_perm)).toEqual(before)
  })
})

describe('numbers that JSON can write and nobody can count', () => {
  test.each(['1e400', '-1e400', '9007199254740993', '1.0000001', '-0.5', '1e-7'])('%s', async (number) => {
    const body = `{"name":"x","limit_num_downloads":${number}}`
    const headers = { 'X-Api-Key': KEY, 'Content-Type': 'application/json' }
    expect(Object.keys(fieldsOf(await api.send(TOKENS, { method: 'POST', headers, body })))).toEqual([
      'limit_num_downloads',
    ])
  })
})

describe('a form', () => {
  test.each([
    ['application/x-www-form-urlencoded', 'name=x&limit_num_downloads=5'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--x--\r\n',
    ],
  ])('of type %s is a 415 for every change', async (type, body) => {
    const headers = { 'X-Api-Key': KEY, 'Content-Type': type }
    for (const [method, path] of [
      ['POST', TOKENS],
      ['POST', `${TOKENS}sync/`],
      ['PATCH', `${TOKENS}${before.slug_perm}/`],
      ['POST', `${TOKENS}${before.slug_perm}/refresh/`],
      ['POST', `${TOKENS}${before.slug_perm}/enable/`],
    ] as const) {
      expect((await api.send(path, { method, headers, body })).status).toBe(415)
    }
    expect(await api.read(before.slug_perm)).toEqual(before)
  })
})

describe('a token of another repository or owner', () => {
  const OPERATIONS: readonly (readonly [string, string, Json | undefined])[] = [
    ['GET', '', undefined],
    ['PATCH', '', { name: 'taken over' }],
    ['DELETE', '', undefined],
    ['POST', 'enable/', undefined],
    ['POST', 'disable/', undefined],
    ['POST', 'refresh/', undefined],
    ['POST', 'reset/', undefined],
    ['POST', 'toggle-private-broadcasts/', { access_private_broadcasts: false }],
    ['GET', 'usage/', undefined],
    ['GET', 'clients/', undefined],
    ['GET', 'packages/', undefined],
  ]

  test.each(OPERATIONS)('is not there for %s %s: a 404, never a 403', async (method, path, body) => {
    for (const place of [
      'acme/other',
      'other/stable',
      'ACME/stable',
      'acme/stable%2F..',
      'acme%2Fstable/x',
    ]) {
      const answer = await api.call(method, `/entitlements/${place}/${before.slug_perm}/${path}`, body)
      expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.', code: 'not_found' }])
    }
    expect(await api.read(before.slug_perm)).toEqual(before)
  })
})

describe('parameters', () => {
  test.each([
    'page=0',
    'page=-5',
    'page=1.5',
    'page=1e9',
    'page=%00',
    'page=99999999999999999999',
    'page_size=0',
    'page_size=-1',
    'page_size=1000000',
    'page=1&page=2',
    'page[]=1',
    'show_tokens=maybe',
    'active=%F0%9F%98%80',
    'exclude_other_user_tokens=True',
    'unknown=1',
    `query=${'x'.repeat(1_000)}`,
  ])('%s never break a list', async (query) => {
    const answer = await api.call('GET', `${TOKENS}?${query}`)
    expect(answer.status).toBe(200)
    expect(Number(answer.headers.get('x-pagination-pagesize'))).toBeLessThanOrEqual(500)
    expect(answer.text).not.toContain('neighbours-secret')
  })

  test.each(['x'.repeat(5_000), '(', '%00', 'state:x', 'NOT', '%22', 'a%5Cb'])(
    'query=%s is refused, and says where it is wrong',
    async (query) => {
      const answer = await api.call('GET', `${TOKENS}?query=${query}`)
      expect(answer.status).toBe(422)
      expect(answer.body).toMatchObject({ fields: { query: [expect.stringMatching(/^character \d+: /)] } })
    },
  )

  test.each(['/repos/', '/repos/acme/'])('%s can be paged', async (path) => {
    const second = await api.call('GET', `${path}?page=2&page_size=1`)
    expect((second.body as readonly Json[]).map(({ slug }) => slug)).toEqual(['stable'])
    expect(second.headers.get('x-pagination-pagetotal')).toBe('2')
    expect(second.headers.get('link')).toContain(`${path}?page=1&page_size=1>; rel="prev"`)
    expect((await api.call('GET', `${path}?page=9`)).body).toEqual([])
  })
})

describe('a switch for broadcasts', () => {
  test.each<[unknown, Json]>([
    [undefined, { access_private_broadcasts: ['This field must be true or false.'] }],
    [{}, { access_private_broadcasts: ['This field must be true or false.'] }],
    [{ access_private_broadcasts: null }, { access_private_broadcasts: ['This field may not be null.'] }],
    [
      { access_private_broadcasts: 'false' },
      { access_private_broadcasts: ['This field must be true or false.'] },
    ],
    [{ access_private_broadcasts: false, name: 'x' }, { non_field_errors: ['There is no such field.'] }],
  ])('%j is refused', async (body, fields) => {
    const path = `${TOKENS}${before.slug_perm}/toggle-private-broadcasts/`
    expect(fieldsOf(await api.call('POST', path, body))).toEqual(fields)
  })
})
