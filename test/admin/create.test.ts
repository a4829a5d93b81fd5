import { describe, expect, test } from 'vitest'
import { isPlausibleSecret } from '../../src/policy/secret.ts'
import { fieldsOf, TOKENS, useApi, type Json } from './api.ts'

const api = useApi()

describe('creating a token', () => {
  test('answers 201 with every field, those that nothing was said about at their neutral values', async () => {
    const { status, body } = await api.call('POST', TOKENS, { name: 'Customer 1' })
    const token = body as Json
    const self = `${api.url}/entitlements/acme/stable/${String(token['slug_perm'])}/`
    expect(status).toBe(201)
    expect(token).toEqual({
      name: 'Customer 1',
      slug_perm: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      token: '****************',
      is_active: true,
      owner: 'acme',
      repository: 'acme/stable',
      metadata: null,
      repositories: null,
      limit_date_range_from: null,
      limit_date_range_to: null,
      limit_num_downloads: null,
      limit_num_clients: null,
      clients_window: null,
      limit_rate: null,
      limit_concurrency: null,
      limit_networks: null,
      limit_published_until: null,
      starts_on_first_download: false,
      limit_packages: null,
      has_limits: false,
      is_limited: false,
      downloads: 0,
      clients: 0,
      bandwidth: 0,
      usage: '0 downloads, 0 clients',
      last_used_at: null,
      last_reset_at: null,
      next_reset_at: null,
      first_download_at: null,
      expires_at: null,
      secret_last_used_at: null,
      previous_secret_valid_until: null,
      previous_secret_last_used_at: null,
      created_at: '2030-01-01T00:00:00.000Z',
      created_by: 'Operations',
      created_by_url: null,
      updated_at: null,
      updated_by: null,
      updated_by_url: null,
      self_url: self,
      enable_url: `${self}enable/`,
      disable_url: `${self}disable/`,
      refresh_url: `${self}refresh/`,
      reset_url: `${self}reset/`,
      identifier: null,
      default: false,
      user: null,
      user_url: null,
      limit_bandwidth: null,
      limit_bandwidth_unit: 'Byte',
      limit_package_query: null,
      limit_path_query: null,
      scheduled_reset_period: 'Never Reset',
      scheduled_reset_at: null,
      eula_required: false,
      eula_accepted: { identifier: null, number: null },
      eula_accepted_at: null,
      eula_accepted_from: null,
      access_private_broadcasts: false,
    })
  })

  test('keeps every field that it was given', async () => {
    const fields = {
      name: 'Ünïcode & <b>',
      is_active: false,
      limit_date_range_from: '2030-01-01T00:00:00.000Z',
      limit_date_range_to: '2031-01-01T00:00:00.000Z',
      limit_num_downloads: 0,
      limit_num_clients: 9_007_199_254_740_991,
      limit_packages: ['**', '!deb:secret-*', 'deb:widget@>=1.0'],
      repositories: ['acme/*', 'other/thing'],
      metadata: { licence: 'L-1', nested: { list: [1, null, 'x'] } },
    }
    const created = await api.create(fields)
    expect(created).toMatchObject(fields)
    expect(await api.read(created.slug_perm)).toEqual(created)
  })

  test('makes a secret that can be found by its digest', async () => {
    const { token, slug_perm } = await api.create()
    expect(isPlausibleSecret(token)).toBe(true)
    expect(token).toMatch(/^ptk[0-9A-Za-z]{32}$/)
    const found = await api.store.tokens.find(api.keeper.digest(token))
    expect(found.map(({ slugPerm }) => slugPerm)).toEqual([slug_perm])
  })

  test('takes a secret of the vendor', async () => {
    expect((await api.create({ token: 'Custom.secret_1-x' })).token).toBe('Custom.secret_1-x')
  })

  test.each([null, undefined])('makes a secret for token: %s', async (token) => {
    expect((await api.create({ token })).token).toMatch(/^ptk/)
  })

  test('shows the secret only when asked to', async () => {
    const secret = 'shown-only-when-asked'
    const hidden = await api.call('POST', TOKENS, { name: 'x', token: secret })
    expect(hidden.text).not.toContain(secret)
    const { slug_perm } = hidden.body as Json
    for (const value of ['True', 'true', '1', 'TRUE']) {
      const { body } = await api.call('GET', `${TOKENS}${String(slug_perm)}/?show_tokens=${value}`)
      expect((body as Json)['token']).toBe(secret)
    }
    for (const value of ['False', 'false', '0', '', 'yes', 'true&show_tokens=false']) {
      const { text } = await api.call('GET', `${TOKENS}${String(slug_perm)}/?show_tokens=${value}`)
      expect(text).not.toContain(secret)
    }
  })

  test('accepts the neutral values of what is not supported', async () => {
    const created = await api.create({
      limit_bandwidth: null,
      limit_bandwidth_unit: 'Byte',
      limit_package_query: null,
      limit_path_query: '',
      scheduled_reset_period: 'Never Reset',
      scheduled_reset_at: null,
      eula_required: false,
      access_private_broadcasts: false,
    })
    expect(created['has_limits']).toBe(false)
  })

  test('needs a name', async () => {
    expect(fieldsOf(await api.call('POST', TOKENS, {}))).toEqual({ name: ['This field is required.'] })
    expect(fieldsOf(await api.call('POST', TOKENS))).toHaveProperty('name')
  })

  test('reports all mistakes at once, and creates nothing', async () => {
    const before = (await api.call('GET', TOKENS)).headers.get('x-pagination-count')
    const answer = await api.call('POST', TOKENS, {
      name: ' ',
      token: 'no',
      is_active: 'true',
      limit_num_downloads: -1,
      limit_num_clients: 1.5,
      limit_date_range_to: 'tomorrow',
      limit_bandwidth: '5 GB',
      slug_perm: 'x',
      limit_num_download: 5,
    })
    expect(answer.body).toMatchObject({ detail: 'Invalid input.', code: 'invalid' })
    expect(Object.keys(fieldsOf(answer)).toSorted()).toEqual([
      'is_active',
      'limit_bandwidth',
      'limit_date_range_to',
      'limit_num_clients',
      'limit_num_download',
      'limit_num_downloads',
      'name',
      'slug_perm',
      'token',
    ])
    expect((await api.call('GET', TOKENS)).headers.get('x-pagination-count')).toBe(before)
  })
})

describe('a secret', () => {
  test('is unique in its repository', async () => {
    await api.create({ token: 'taken-secret' })
    const answer = await api.call('POST', TOKENS, { name: 'second', token: 'taken-secret' })
    expect(fieldsOf(answer)).toEqual({
      token: ['Another token of this repository, or of its owner, has this secret.'],
    })
    expect(answer.text).not.toContain('taken-secret')
  })

  test('may stand in several repositories', async () => {
    await api.create({ token: 'secret-of-two' })
    const answer = await api.call('POST', '/entitlements/acme/other/', { name: 'x', token: 'secret-of-two' })
    expect(answer.status).toBe(201)
  })

  test('is free again once its token is deleted', async () => {
    const { slug_perm } = await api.create({ token: 'used-twice' })
    await api.call('DELETE', `${TOKENS}${slug_perm}/`)
    expect((await api.create({ token: 'used-twice' })).slug_perm).not.toBe(slug_perm)
  })

  test('that two creations bring at the same time goes to one of them', async () => {
    const both = [1, 2, 3].map(() => api.call('POST', TOKENS, { name: 'x', token: 'raced-secret' }))
    expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([201, 422, 422])
  })
})
