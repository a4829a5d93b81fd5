import { describe, expect, test } from 'vitest'
import { fieldsOf, TOKENS, useApi, type Answered, type Json } from './api.ts'

const api = useApi()

function patch(slugPerm: string, body?: Json): Promise<Answered> {
  return api.call('PATCH', `${TOKENS}${slugPerm}/?show_tokens=true`, body)
}

const LIMITS = {
  limit_date_range_from: '2030-01-01T00:00:00.000Z',
  limit_date_range_to: '2031-01-01T00:00:00.000Z',
  limit_num_downloads: 5,
  limit_num_clients: 2,
  limit_packages: ['widget'],
  repositories: ['acme/*'],
  metadata: { a: 1 },
}

describe('a change', () => {
  test('touches only the fields that it names', async () => {
    const before = await api.create(LIMITS)
    api.setNow(Date.UTC(2030, 1, 1))
    const { status, body } = await patch(before.slug_perm, { limit_num_downloads: 7 })
    expect(status).toBe(200)
    expect(body).toEqual({
      ...before,
      limit_num_downloads: 7,
      usage: '0 of 7 downloads, 0 of 2 clients',
      updated_at: '2030-02-01T00:00:00.000Z',
      updated_by: 'Operations',
    })
    expect(await api.read(before.slug_perm)).toEqual(body)
  })

  test.each(Object.keys(LIMITS))('with null clears %s', async (field) => {
    const before = await api.create(LIMITS)
    const { body } = await patch(before.slug_perm, { [field]: null })
    expect((body as Json)[field]).toBeNull()
  })

  test('to an empty list keeps it empty: nothing is covered, not everything', async () => {
    const { slug_perm } = await api.create()
    const { body } = await patch(slug_perm, { repositories: [], limit_packages: [] })
    expect(body).toMatchObject({ repositories: [], limit_packages: [], has_limits: true })
  })

  test.each([undefined, {}])('with the body %j changes nothing', async (body) => {
    const before = await api.create(LIMITS)
    expect((await patch(before.slug_perm, body)).body).toEqual(before)
  })

  test('that is refused in one field changes none', async () => {
    const before = await api.create(LIMITS)
    fieldsOf(await patch(before.slug_perm, { name: 'new', limit_num_clients: -1 }))
    expect(await api.read(before.slug_perm)).toEqual(before)
  })

  test('replaces the secret', async () => {
    const before = await api.create()
    const { body } = await patch(before.slug_perm, { token: 'a-new-secret' })
    expect((body as Json)['token']).toBe('a-new-secret')
    expect(await api.store.tokens.find(api.keeper.digest(before.token))).toEqual([])
    expect(await api.store.tokens.find(api.keeper.digest('a-new-secret'))).toHaveLength(1)
  })

  test('to a secret that another token of the repository has is refused', async () => {
    await api.create({ token: 'somebody-elses' })
    const before = await api.create()
    const answer = await patch(before.slug_perm, { token: 'somebody-elses', name: 'new' })
    expect(Object.keys(fieldsOf(answer))).toEqual(['token'])
    expect(await api.read(before.slug_perm)).toEqual(before)
  })

  test('to the secret that the token has already is fine', async () => {
    const { slug_perm } = await api.create({ token: 'the-same-again' })
    expect((await patch(slug_perm, { token: 'the-same-again' })).status).toBe(200)
  })

  test('of a token that does not exist, was deleted or belongs to another repository is a 404', async () => {
    const { slug_perm } = await api.create()
    await api.call('DELETE', `${TOKENS}${slug_perm}/`)
    const other = await api.create()
    const paths = [`${TOKENS}${slug_perm}/`, `${TOKENS}NOPE/`, `/entitlements/acme/other/${other.slug_perm}/`]
    for (const path of paths) {
      const { status, body } = await api.call('PATCH', path, { name: 'new' })
      expect([status, body]).toEqual([404, { detail: 'Not found.', code: 'not_found' }])
    }
  })
})

describe('the window', () => {
  const from = '2030-06-01T00:00:00Z'
  const to = '2030-07-01T00:00:00Z'

  test('must begin before it ends', async () => {
    for (const end of [from, '2030-05-31T23:59:59Z']) {
      const body = { name: 'x', limit_date_range_from: from, limit_date_range_to: end }
      expect(fieldsOf(await api.call('POST', TOKENS, body))).toEqual({
        limit_date_range_to: ['This must lie after limit_date_range_from.'],
      })
    }
  })

  test('is judged with the end that the change does not name', async () => {
    const { slug_perm } = await api.create({ limit_date_range_from: from, limit_date_range_to: to })
    expect(fieldsOf(await patch(slug_perm, { limit_date_range_to: '2030-05-01' }))).toHaveProperty(
      'limit_date_range_to',
    )
    expect(fieldsOf(await patch(slug_perm, { limit_date_range_from: '2030-08-01' }))).toHaveProperty(
      'limit_date_range_from',
    )
    expect(await api.read(slug_perm)).toMatchObject({ limit_date_range_to: '2030-07-01T00:00:00.000Z' })
  })

  test('may be moved as a whole, or opened at one end', async () => {
    const { slug_perm } = await api.create({ limit_date_range_from: from, limit_date_range_to: to })
    const moved = { limit_date_range_from: '2031-01-01', limit_date_range_to: '2031-02-01' }
    expect((await patch(slug_perm, moved)).status).toBe(200)
    const opened = { limit_date_range_from: null, limit_date_range_to: '2030-02-01' }
    expect((await patch(slug_perm, opened)).status).toBe(200)
  })
})

test.each([
  ['enable', true],
  ['disable', false],
])('%s answers 204 and sets is_active, again and again', async (verb, isActive) => {
  const { slug_perm } = await api.create({ is_active: !isActive })
  for (const _ of [1, 2]) {
    const { status, text } = await api.call('POST', `${TOKENS}${slug_perm}/${verb}/`)
    expect([status, text]).toEqual([204, ''])
    expect(await api.read(slug_perm)).toMatchObject({ is_active: isActive, updated_by: 'Operations' })
  }
})

test('reset starts a new counting period and leaves the token as it is', async () => {
  const before = await api.create()
  const delta = {
    downloads: 3,
    bytes: 5000,
    clients: new Map([['192.0.2.1', 3]]),
    lastUsedAt: Date.UTC(2030, 0, 1),
  }
  await api.store.usage.record([{ token: before.slug_perm, ...delta }])
  expect(await api.read(before.slug_perm)).toMatchObject({ downloads: 3, clients: 1, bandwidth: 5000 })
  api.setNow(Date.UTC(2030, 2, 1))
  const { status, text } = await api.call('POST', `${TOKENS}${before.slug_perm}/reset/`)
  expect([status, text]).toEqual([204, ''])
  expect(await api.read(before.slug_perm)).toEqual({
    ...before,
    last_used_at: '2030-01-01T00:00:00.000Z',
    last_reset_at: '2030-03-01T00:00:00.000Z',
    secret_last_used_at: '2030-01-01T00:00:00.000Z',
  })
})

test.each(['enable', 'disable', 'reset'])(
  '%s refuses fields, which it would have to ignore',
  async (verb) => {
    const before = await api.create()
    const answer = await api.call('POST', `${TOKENS}${before.slug_perm}/${verb}/`, { limit_num_downloads: 5 })
    expect(fieldsOf(answer)).toHaveProperty('non_field_errors')
    expect(await api.read(before.slug_perm)).toEqual(before)
  },
)

test('a deleted token is gone from reads, lists and every action', async () => {
  const { slug_perm } = await api.create({ name: 'to be deleted' })
  const path = `${TOKENS}${slug_perm}/`
  const deleted = await api.call('DELETE', path)
  expect([deleted.status, deleted.text]).toEqual([204, ''])
  expect((await api.call('GET', path)).status).toBe(404)
  expect((await api.call('DELETE', path)).status).toBe(404)
  for (const verb of ['enable', 'disable', 'refresh', 'reset']) {
    expect((await api.call('POST', `${path}${verb}/`)).status).toBe(404)
  }
  expect((await api.call('GET', `${TOKENS}?query=to+be+deleted`)).body).toEqual([])
})
