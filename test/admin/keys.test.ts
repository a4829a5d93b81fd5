import { describe, expect, test } from 'vitest'
import { isPlausibleKey } from '../../src/policy/secret.ts'
import { fieldsOf, startApi, useApi, type Json } from './api.ts'
import { callAs } from './call-as.ts'

const api = useApi()
const NOW = Date.UTC(2030, 0, 1)
const CI = { name: 'ci', role: 'entitlements', repositories: ['acme/*'] }

async function create(
  fields: Json = {},
): Promise<Json & { readonly slug_perm: string; readonly key: string }> {
  const answer = await api.call('POST', '/keys/', { ...CI, ...fields })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body as Json & { slug_perm: string; key: string }
}
const as = (key: string, path = '/user/self/') => api.send(path, { headers: { 'X-Api-Key': key } })
const read = async (id: string) => (await api.call('GET', `/keys/${id}/`)).body as Json

describe('a new key', () => {
  test('is shown once, works at once, and says what it is', async () => {
    const made = await create({ expires_at: '2031-01-01' })
    expect(made).toEqual({
      name: 'ci',
      slug_perm: expect.stringMatching(/^\w{26}$/),
      key: expect.stringMatching(/^pmk\w{32}$/),
      role: 'entitlements',
      repositories: ['acme/*'],
      is_active: true,
      expires_at: '2031-01-01T00:00:00.000Z',
      last_used_at: null,
      last_used_from: null,
      created_at: '2030-01-01T00:00:00.000Z',
      created_by: 'Operations',
      updated_at: null,
      updated_by: null,
      revoked_at: null,
      revoked_by: null,
      self_url: `${api.url}/keys/${made.slug_perm}/`,
      rotate_url: `${api.url}/keys/${made.slug_perm}/rotate/`,
    })
    expect(isPlausibleKey(made.key)).toBe(true)
    expect(await read(made.slug_perm)).toEqual({ ...made, key: '*'.repeat(16) })
    expect((await as(made.key)).body).toMatchObject({
      name: 'ci',
      slug_perm: made.slug_perm,
      role: 'entitlements',
      repositories: ['acme/*'],
      expires_at: '2031-01-01T00:00:00.000Z',
    })
  })

  test('lies in the store as a digest only', async () => {
    const { key, slug_perm } = await create()
    expect(JSON.stringify(await api.store.keys.read(slug_perm))).not.toContain(key)
  })

  test.each<[string, Json]>([
    ['name', { name: undefined }],
    ['name', { name: ' ' }],
    ['name', { name: null }],
    ['name', { name: 'a\nb' }],
    ['name', { name: 'x'.repeat(201) }],
    ['role', { role: undefined }],
    ['role', { role: 'owner' }],
    ['role', { role: null }],
    ['role', { role: ['admin'] }],
    ['repositories', { repositories: undefined }],
    ['repositories', { repositories: null }],
    ['repositories', { repositories: 'acme/*' }],
    ['repositories', { repositories: ['acme/*', '*'] }],
    ['repositories', { repositories: [1] }],
    ['expires_at', { expires_at: 'tomorrow' }],
    ['expires_at', { expires_at: NOW + 1 }],
    ['expires_at', { expires_at: '2030-01-01' }],
    ['expires_at', { expires_at: '2029-12-31T23:59:59Z' }],
    ['non_field_errors', { key: 'my-own-key-of-this-api' }],
    ['non_field_errors', { digest: 'x' }],
    ['non_field_errors', { slug_perm: 'x' }],
    ['non_field_errors', { revoked_at: null }],
  ])('is refused for its %s: %j', async (field, fields) => {
    const before = await api.store.keys.count()
    const answer = await api.call('POST', '/keys/', { ...CI, ...fields })
    expect(Object.keys(fieldsOf(answer))).toEqual([field])
    expect(await api.store.keys.count()).toBe(before)
  })

  test('is told where in a list a mistake is, and of many the first twenty', async () => {
    const refused = async (repositories: readonly unknown[]) =>
      fieldsOf(await api.call('POST', '/keys/', { ...CI, repositories }))['repositories']
    expect(await refused(['acme/*', 'acme'])).toEqual(['[1] "acme" is not of the form owner/repo'])
    expect(await refused(['acme/*', 1])).toEqual(['[1] This field must be text.'])
    expect(await refused(Array.from({ length: 100 }, () => 'acme'))).toHaveLength(20)
  })

  test('is told everything that is wrong at once', async () => {
    const answer = await api.call('POST', '/keys/', { role: 'x', expires_at: 'x' })
    expect(fieldsOf(answer)).toEqual({
      name: ['This field is required.'],
      role: ['This field must be one of admin, entitlements, viewer, metrics.'],
      repositories: ['This field is required.'],
      expires_at: [expect.stringContaining('2030-12-31T00:00:00Z')],
    })
  })
})

describe('the list of keys', () => {
  test('has the oldest first, page by page, without the keys themselves', async () => {
    await using fresh = await startApi()
    for (const name of ['b', 'a', 'c']) await fresh.call('POST', '/keys/', { ...CI, name })
    const { status, headers, body } = await fresh.call('GET', '/keys/?page=2&page_size=2')
    expect([status, headers.get('x-pagination-count'), headers.get('x-pagination-pagetotal')]).toEqual([
      200,
      '4',
      '2',
    ])
    expect(headers.get('link')).toContain(`<${fresh.url}/keys/?page=1&page_size=2>; rel="prev"`)
    expect(body).toMatchObject([
      { name: 'a', key: '*'.repeat(16) },
      { name: 'c', key: '*'.repeat(16) },
    ])
  })

  test('can leave out those that no longer work', async () => {
    await using fresh = await startApi()
    const { body } = await fresh.call('POST', '/keys/', CI)
    await fresh.call('POST', '/keys/', { ...CI, name: 'short', expires_at: '2030-01-02' })
    await fresh.call('DELETE', `/keys/${String((body as Json)['slug_perm'])}/`)
    fresh.setNow(Date.UTC(2030, 0, 2))
    const names = async (query: string) =>
      ((await fresh.call('GET', `/keys/${query}`)).body as Json[]).map((key) => [
        key['name'],
        key['is_active'],
      ])
    expect(await names('?active=True')).toEqual([['Operations', true]])
    expect(await names('')).toEqual([
      ['Operations', true],
      ['ci', false],
      ['short', false],
    ])
  })
})

describe('a change', () => {
  test('of name, repositories and end takes effect at once; what is not named stays', async () => {
    const { slug_perm, key } = await create()
    expect((await as(key, '/entitlements/acme/stable/')).status).toBe(200)
    const change = { name: 'new', repositories: ['acme/other'], expires_at: '2030-01-02T00:00:00Z' }
    const { status, body } = await api.call('PATCH', `/keys/${slug_perm}/`, change)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      name: 'new',
      role: 'entitlements',
      repositories: ['acme/other'],
      expires_at: '2030-01-02T00:00:00.000Z',
      key: '*'.repeat(16),
      updated_by: 'Operations',
    })
    expect((await as(key, '/entitlements/acme/stable/')).status).toBe(404)
    expect((await api.call('PATCH', `/keys/${slug_perm}/`, { expires_at: null })).body).toMatchObject({
      name: 'new',
      expires_at: null,
    })
  })

  test('of nothing changes nothing', async () => {
    const { slug_perm } = await create()
    const before = await read(slug_perm)
    expect((await api.call('PATCH', `/keys/${slug_perm}/`, {})).body).toEqual(before)
    expect(await read(slug_perm)).toEqual(before)
  })

  test.each<[string, Json]>([
    ['non_field_errors', { role: 'admin' }],
    ['non_field_errors', { key: 'x' }],
    ['name', { name: null }],
    ['repositories', { repositories: null }],
    ['repositories', { repositories: ['acme'] }],
    ['expires_at', { expires_at: '2029-01-01' }],
  ])('is refused for its %s: %j', async (field, fields) => {
    const { slug_perm } = await create()
    const before = await read(slug_perm)
    const answer = await api.call('PATCH', `/keys/${slug_perm}/`, { name: 'x', ...fields })
    expect(Object.keys(fieldsOf(answer))).toEqual([field])
    expect(await read(slug_perm)).toEqual(before)
  })
})

describe('a rotated key', () => {
  test('has another secret, and the old one is dead', async () => {
    const before = await create()
    const { status, body } = await api.call('POST', `/keys/${before.slug_perm}/rotate/`)
    const { key } = body as { readonly key: string }
    expect(status).toBe(200)
    expect((await as(key)).body).toMatchObject({ slug_perm: before.slug_perm, name: 'ci' })
    expect((await as(before.key)).status).toBe(401)
  })

  test('is not rotated with fields that would be passed over', async () => {
    const { slug_perm, key } = await create()
    const answer = await api.call('POST', `/keys/${slug_perm}/rotate/`, { key: 'x' })
    expect(Object.keys(fieldsOf(answer))).toEqual(['non_field_errors'])
    expect((await as(key)).status).toBe(200)
  })
})

describe('a revoked key', () => {
  test('works no longer, stays on record, and can not be changed', async () => {
    const { slug_perm, key } = await create()
    expect((await api.call('DELETE', `/keys/${slug_perm}/`)).status).toBe(204)
    const answer = await as(key)
    expect([answer.status, answer.body]).toEqual([
      401,
      { detail: 'Invalid token.', code: 'authentication_failed' },
    ])
    const after = await read(slug_perm)
    expect(after).toMatchObject({
      is_active: false,
      revoked_at: '2030-01-01T00:00:00.000Z',
      revoked_by: 'Operations',
    })
    expect((await api.call('DELETE', `/keys/${slug_perm}/`)).status).toBe(204)
    for (const [method, path, body] of [
      ['PATCH', '', { name: 'x' }],
      ['PATCH', '', { expires_at: null }],
      ['POST', 'rotate/', undefined],
    ] as const) {
      expect(fieldsOf(await api.call(method, `/keys/${slug_perm}/${path}`, body))).toHaveProperty(
        'non_field_errors',
      )
    }
    expect(await read(slug_perm)).toEqual(after)
  })

  test('that is not there is a 404', async () => {
    for (const id of ['01JD0000000000000000000001', 'environment', '..%2fkeys', 'x'.repeat(65)]) {
      expect((await api.call('GET', `/keys/${id}/`)).status).toBe(404)
      expect((await api.call('PATCH', `/keys/${id}/`, { name: 'x' })).status).toBe(404)
      expect((await api.call('DELETE', `/keys/${id}/`)).status).toBe(404)
      expect((await api.call('POST', `/keys/${id}/rotate/`)).status).toBe(404)
    }
  })
})

describe('nobody gets more than they have', () => {
  test('a key that ends makes none that outlasts it', async () => {
    const brief = await callAs(api, { expiresAt: NOW + 1_000 })
    for (const expires_at of [undefined, null, '2030-01-01T00:00:01.001Z']) {
      const answer = await brief.call('POST', '/keys/', { ...CI, expires_at })
      expect(answer.status).toBe(403)
      expect(answer.body).toMatchObject({
        code: 'permission_denied',
        fields: { expires_at: [expect.stringContaining('2030-01-01T00:00:01.000Z')] },
      })
    }
    const answer = await brief.call('POST', '/keys/', { ...CI, expires_at: '2030-01-01T00:00:01Z' })
    expect(answer.status).toBe(201)
  })

  test('a key that ends can not lengthen itself or another, nor take over or end one that outlasts it', async () => {
    const brief = await callAs(api, { expiresAt: NOW + 1_000 })
    const lasting = await create()
    const peer = await create({ expires_at: '2030-01-01T00:00:00.5Z' })
    const attempts: [string, string, unknown?][] = [
      ['PATCH', `/keys/${brief.key.id}/`, { expires_at: null }],
      ['PATCH', `/keys/${peer.slug_perm}/`, { expires_at: null }],
      ['PATCH', `/keys/${lasting.slug_perm}/`, { expires_at: '2030-01-01T00:00:00.5Z' }],
      ['PATCH', `/keys/${lasting.slug_perm}/`, { name: 'mine' }],
      ['POST', `/keys/${lasting.slug_perm}/rotate/`],
      ['DELETE', `/keys/${lasting.slug_perm}/`],
    ]
    for (const [method, path, body] of attempts)
      expect((await brief.call(method, path, body)).status).toBe(403)
    expect(await api.store.keys.read(brief.key.id)).toMatchObject({ expiresAt: NOW + 1_000 })
    expect((await as(lasting.key)).body).toMatchObject({ name: 'ci', expires_at: null })
    expect((await brief.call('DELETE', `/keys/${peer.slug_perm}/`)).status).toBe(204)
  })

  test('a key can rename and rotate itself, but not end or narrow itself: somebody always stays', async () => {
    const admin = await callAs(api)
    const own = `/keys/${admin.key.id}/`
    for (const body of [{ repositories: ['acme/*'] }, { expires_at: '2031-01-01' }, { repositories: [] }]) {
      const answer = await admin.call('PATCH', own, body)
      expect([answer.status, (answer.body as Json)['code']]).toEqual([403, 'permission_denied'])
    }
    expect((await admin.call('DELETE', own)).status).toBe(403)
    expect((await admin.call('PATCH', own, { name: 'Root' })).body).toMatchObject({ name: 'Root' })
    const { body } = await admin.call('POST', `${own}rotate/`)
    expect((await as(String((body as Json)['key']))).status).toBe(200)
  })
})
