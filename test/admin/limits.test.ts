import { describe, expect, test } from 'vitest'
import { fieldsOf, TOKENS, useApi, type Answered, type Json } from './api.ts'

const api = useApi()
const DATES = { limit_date_range_from: '2030-01-01', limit_date_range_to: '2030-02-01' }

const patch = (slugPerm: string, body: Json): Promise<Answered> =>
  api.call('PATCH', `${TOKENS}${slugPerm}/`, body)

const LIMITS: Json = {
  ...DATES,
  limit_bandwidth: 5,
  limit_bandwidth_unit: 'Gigabyte',
  limit_rate: 2.5,
  limit_concurrency: 4,
  clients_window: 2_592_000,
  limit_networks: ['203.0.113.0/24', '2001:db8::/32'],
  limit_published_until: '2030-06-01T00:00:00.000Z',
  starts_on_first_download: true,
  scheduled_reset_period: 'Monthly',
  scheduled_reset_at: '2029-01-31T00:00:00.000Z',
}

test('every limit comes back as it was set, and null takes it away', async () => {
  const created = await api.create(LIMITS)
  const dates = {
    limit_date_range_from: '2030-01-01T00:00:00.000Z',
    limit_date_range_to: '2030-02-01T00:00:00.000Z',
  }
  expect(created).toMatchObject({ ...LIMITS, ...dates, next_reset_at: '2030-01-31T00:00:00.000Z' })
  expect(await api.read(created.slug_perm)).toEqual(created)
  const cleared = Object.fromEntries(Object.keys(LIMITS).map((name) => [name, null]))
  const { status } = await patch(created.slug_perm, { ...cleared, starts_on_first_download: false })
  expect(status).toBe(200)
  expect(await api.read(created.slug_perm)).toMatchObject({
    ...cleared,
    limit_bandwidth_unit: 'Byte',
    scheduled_reset_period: 'Never Reset',
    starts_on_first_download: false,
    has_limits: false,
    next_reset_at: null,
  })
})

describe('bandwidth is counted exactly, so that', () => {
  test.each([
    [9_007_199_254_740_991, 'Byte'],
    [9_007_199_254_740, 'Kilobyte'],
    [9_007_199, 'Gigabyte'],
    [9, 'Petabyte'],
    [0, 'Yottabyte'],
  ])('%s %s can be set', async (limit, unit) => {
    const token = await api.create({ limit_bandwidth: limit, limit_bandwidth_unit: unit })
    expect(token).toMatchObject({ limit_bandwidth: limit, limit_bandwidth_unit: unit })
  })

  test.each([
    [9_007_199_254_741, 'Kilobyte'],
    [10, 'Petabyte'],
    [1, 'Exabyte'],
    [1, 'Yottabyte'],
    [9_007_199_254_740_991, 'Yottabyte'],
  ])('%s %s can not', async (limit, unit) => {
    const answer = await api.call('POST', TOKENS, {
      name: 'x',
      limit_bandwidth: limit,
      limit_bandwidth_unit: unit,
    })
    expect(fieldsOf(answer)).toEqual({ limit_bandwidth: [expect.stringContaining('can be counted')] })
  })

  test('a unit alone is judged with the number that stands', async () => {
    const { slug_perm } = await api.create({ limit_bandwidth: 10, limit_bandwidth_unit: 'Terabyte' })
    expect(fieldsOf(await patch(slug_perm, { limit_bandwidth_unit: 'Petabyte' }))).toEqual({
      limit_bandwidth_unit: [expect.stringContaining('At most 9 Petabyte')],
    })
    expect((await patch(slug_perm, { limit_bandwidth_unit: 'Gigabyte' })).body).toMatchObject({
      limit_bandwidth: 10,
      limit_bandwidth_unit: 'Gigabyte',
    })
  })
})

describe('a window that starts with the first download', () => {
  test.each([{}, { limit_date_range_from: '2030-01-01' }, { limit_date_range_to: '2030-01-01' }])(
    'can not be made of %j alone',
    async (dates) => {
      const body = { name: 'x', starts_on_first_download: true, ...dates }
      expect(fieldsOf(await api.call('POST', TOKENS, body))).toEqual({
        starts_on_first_download: [expect.stringContaining('limit_date_range_to')],
      })
    },
  )

  test('keeps its dates as long as it is one', async () => {
    const { slug_perm } = await api.create({ ...DATES, starts_on_first_download: true })
    const cleared = { limit_date_range_from: null, limit_date_range_to: null }
    expect(Object.keys(fieldsOf(await patch(slug_perm, cleared)))).toEqual(Object.keys(cleared))
    expect((await patch(slug_perm, { ...cleared, starts_on_first_download: false })).status).toBe(200)
  })

  test('waits anew when its beginning is changed, and not when the same is sent again', async () => {
    const { slug_perm } = await api.create({ ...DATES, starts_on_first_download: true })
    const begun = Date.UTC(2030, 0, 10)
    await api.store.tokens.noteFirstDownload('acme', 'stable', slug_perm, begun)
    const started = {
      first_download_at: '2030-01-10T00:00:00.000Z',
      expires_at: '2030-02-10T00:00:00.000Z',
    }
    expect(await api.read(slug_perm)).toMatchObject(started)
    expect((await patch(slug_perm, { ...DATES, starts_on_first_download: true })).body).toMatchObject(started)
    expect((await patch(slug_perm, { limit_date_range_to: '2030-02-02' })).body).toMatchObject({
      ...started,
      expires_at: '2030-02-11T00:00:00.000Z',
    })
    expect((await patch(slug_perm, { limit_date_range_from: '2030-01-02' })).body).toMatchObject({
      first_download_at: null,
      expires_at: null,
    })
  })
})

test('a refused change of limits changes nothing', async () => {
  const { slug_perm } = await api.create(LIMITS)
  const before = await api.read(slug_perm)
  for (const body of [
    { limit_rate: 0, limit_concurrency: 9 },
    { limit_networks: ['10.0.0.1/8'], limit_rate: 9 },
    { clients_window: 0 },
    { scheduled_reset_period: 'Hourly' },
    { previous_secret_valid_until: '2031-01-01' },
    { previous_secret_valid_for: 60 },
  ]) {
    fieldsOf(await patch(slug_perm, body))
    expect(await api.read(slug_perm)).toEqual(before)
  }
})

test('a new token has no previous secret', async () => {
  const body = { name: 'x', token: 'new-token-secret', previous_secret_valid_until: '2031-01-01' }
  expect(fieldsOf(await api.call('POST', TOKENS, body))).toHaveProperty('previous_secret_valid_until')
  expect((await api.create({ previous_secret_valid_until: null }))['previous_secret_valid_until']).toBe(null)
})
