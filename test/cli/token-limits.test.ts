import { describe, expect, test } from 'vitest'
import { apiToken, startFakeApi, type Received, type Reply } from './fake-api.ts'
import { run } from './run.ts'

const ID = '01JD0000000000000000000001'

function oneToken({ method, url }: Received): Reply {
  const shows = method === 'GET' || method === 'PATCH' || url.includes('/refresh/')
  return shows ? { body: apiToken() } : { status: 201, body: apiToken() }
}

/** What `tokens update` with these options sends; undefined when it sends nothing. */
async function sent(...options: readonly string[]): Promise<unknown> {
  await using api = await startFakeApi(oneToken)
  await run(['tokens', 'update', 'acme/stable', ID, ...options], { api: api.url })
  return api.received.find(({ method }) => method === 'PATCH')?.body
}

describe('a limit is sent as the API takes it', () => {
  test.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['--max-bandwidth', '500GB', { limit_bandwidth: 500, limit_bandwidth_unit: 'Gigabyte' }],
    ['--max-bandwidth', '5 mb', { limit_bandwidth: 5, limit_bandwidth_unit: 'Megabyte' }],
    ['--max-bandwidth', '0', { limit_bandwidth: 0, limit_bandwidth_unit: 'Byte' }],
    ['--max-bandwidth', '7b', { limit_bandwidth: 7, limit_bandwidth_unit: 'Byte' }],
    ['--max-bandwidth', '2 Terabyte', { limit_bandwidth: 2, limit_bandwidth_unit: 'Terabyte' }],
    ['--max-bandwidth', 'none', { limit_bandwidth: null, limit_bandwidth_unit: null }],
    ['--max-rate', '0.5', { limit_rate: 0.5 }],
    ['--max-rate', '10', { limit_rate: 10 }],
    ['--max-rate', 'none', { limit_rate: null }],
    ['--max-concurrency', '0', { limit_concurrency: 0 }],
    ['--max-concurrency', 'none', { limit_concurrency: null }],
    ['--clients-window', '45s', { clients_window: 45 }],
    ['--clients-window', '90m', { clients_window: 5_400 }],
    ['--clients-window', '12h', { clients_window: 43_200 }],
    ['--clients-window', '30d', { clients_window: 2_592_000 }],
    ['--clients-window', '2w', { clients_window: 1_209_600 }],
    ['--clients-window', 'none', { clients_window: null }],
    ['--reset-period', 'Monthly', { scheduled_reset_period: 'Monthly' }],
    ['--reset-period', 'every-6-months', { scheduled_reset_period: 'Every 6 months' }],
    ['--reset-period', 'bi-monthly', { scheduled_reset_period: 'Bi-Monthly' }],
    ['--reset-period', 'never', { scheduled_reset_period: 'Never Reset' }],
    ['--reset-period', 'none', { scheduled_reset_period: null }],
    ['--reset-from', '2026-01-31', { scheduled_reset_at: '2026-01-31' }],
    ['--networks', '203.0.113.0/24', { limit_networks: ['203.0.113.0/24'] }],
    ['--networks', 'none', { limit_networks: null }],
    ['--published-until', '2026-01-31', { limit_published_until: '2026-01-31' }],
    ['--published-until', 'none', { limit_published_until: null }],
    ['--starts-on-first-download', 'yes', { starts_on_first_download: true }],
    ['--starts-on-first-download', 'no', { starts_on_first_download: false }],
    ['--grace-until', '2027-01-01', { previous_secret_valid_until: '2027-01-01' }],
    ['--grace-until', 'none', { previous_secret_valid_until: null }],
  ])('%s %s', async (flag, value, body) => {
    expect(await sent(flag, value)).toEqual(body)
  })

  test('several networks make one list', async () => {
    expect(await sent('--networks', '::1', '--networks', '10.0.0.0/8')).toEqual({
      limit_networks: ['::1', '10.0.0.0/8'],
    })
  })
})

describe('nothing is sent for', () => {
  test.each([
    [
      '--max-bandwidth',
      ['', '-1', '1.5GB', '5GiB', '5G', 'GB', '5 GB a month', '1e9', 'NaN', '0x10', '１GB'],
    ],
    ['--max-rate', ['', '-1', '+1', '1,5', '.5', '5.', '1e3', 'NaN', 'Infinity', '1/s']],
    ['--max-concurrency', ['', '-1', '1.5', 'NaN', '1e3']],
    ['--clients-window', ['', '0d', '-1d', '30', '1.5h', '30 days', '1y', 'NaN']],
    ['--reset-period', ['', 'hourly', '30d', 'constructor']],
    ['--starts-on-first-download', ['', 'true', 'YES', '1']],
  ])('%s with what is none', async (flag, values) => {
    for (const value of values) expect([value, await sent(`${flag}=${value}`)]).toEqual([value, undefined])
  })

  test('a value that can not be read, which is told with what can', async () => {
    const { code, stderr } = await run(['tokens', 'update', 'a/b', ID, '--max-bandwidth', '5GiB'])
    expect(code).toBe(2)
    expect(stderr).toContain('It must be a whole number and B, kB, MB, GB, TB or PB, like 500GB.')
  })
})

describe('refresh', () => {
  const refresh = async (...options: readonly string[]): Promise<unknown> => {
    await using api = await startFakeApi(oneToken)
    await run(['tokens', 'refresh', 'acme/stable', ID, '--yes', ...options], { api: api.url })
    return api.received.find(({ url }) => url.includes('/refresh/'))?.body
  }

  test('can leave the old secret working', async () => {
    expect(await refresh('--grace', '7d')).toEqual({ previous_secret_valid_for: 604_800 })
    expect(await refresh('--grace-until', '2027-01-01', '--token', 'my-own-secret')).toEqual({
      token: 'my-own-secret',
      previous_secret_valid_until: '2027-01-01',
    })
  })

  test.each([[['--grace', '0d']], [['--grace', 'soon']], [['--grace', '7d', '--grace-until', '2027-01-01']]])(
    'does nothing with %j',
    async (options) => {
      expect(await refresh(...options)).toBeUndefined()
    },
  )

  test('says when the old secret ends before it asks', async () => {
    await using api = await startFakeApi(oneToken)
    const args = ['tokens', 'refresh', 'acme/stable', ID, '--grace', '7d']
    const { questions } = await run(args, { api: api.url, columns: 80, answer: 'no' })
    expect(questions).toEqual([
      `Replace the secret of "Example Ltd" (${ID})? The old one stops working when its grace is over. [y/N] `,
    ])
  })
})

test('what the API refuses of an amount is told by its flag', async () => {
  const fields = { limit_bandwidth_unit: ['Too much.'], previous_secret_valid_for: ['Too long.'] }
  await using api = await startFakeApi(() => ({ status: 422, body: { detail: 'Invalid input.', fields } }))
  const { stderr } = await run(['tokens', 'create', 'acme/stable', '--name', 'x'], { api: api.url })
  expect(stderr).toContain('--max-bandwidth  Too much.\n')
  expect(stderr).toContain('--grace          Too long.\n')
})

describe('show', () => {
  const show = async (token: Readonly<Record<string, unknown>>): Promise<string> => {
    await using api = await startFakeApi(() => ({ body: apiToken(token) }))
    return (await run(['tokens', 'show', 'acme/stable', ID], { api: api.url })).stdout
  }

  test('prints the limits that there are', async () => {
    const stdout = await show({
      limit_bandwidth: 5,
      limit_bandwidth_unit: 'Gigabyte',
      clients_window: 3_600,
      limit_rate: 0.5,
      limit_concurrency: 3,
      limit_networks: ['10.0.0.0/8', '::1'],
      limit_published_until: '2026-01-31T00:00:00Z',
      scheduled_reset_period: 'Monthly',
      next_reset_at: '2026-03-31T00:00:00Z',
    })
    expect(stdout).toContain('  sent           1.2 MB of 5.0 GB\n')
    expect(stdout).toContain(
      '  client window  3600 seconds unseen\n  rate           0.5 requests a second\n  at once        3 downloads\n' +
        '  networks       10.0.0.0/8\n                 ::1\n  published      until 2026-01-31 00:00 UTC\n',
    )
    expect(stdout).toContain('  counted anew   2026-03-31 00:00 UTC (Monthly)\n')
  })

  test('prints both secrets while both work', async () => {
    const stdout = await show({
      previous_secret_valid_until: '2026-03-31T00:00:00Z',
      previous_secret_last_used_at: '2026-02-28T00:00:00Z',
      secret_last_used_at: null,
    })
    expect(stdout).toContain(
      '  new secret     last used -\n' +
        '  old secret     works until 2026-03-31 00:00 UTC, last used 2026-02-28 00:00 UTC\n',
    )
  })

  const WINDOW = {
    limit_date_range_from: '2026-01-01T00:00:00Z',
    limit_date_range_to: '2026-01-31T00:00:00Z',
    starts_on_first_download: true,
  }

  test('prints a window that waits for the first download', async () => {
    const stdout = await show({ ...WINDOW, first_download_at: null, expires_at: null })
    expect(stdout).toContain(
      'valid          from the first download, for 30 days; not before 2026-01-01 00:00 UTC',
    )
    expect(stdout).toContain('state          active')
  })

  test('prints a window that has begun, as it is now', async () => {
    const begun = { first_download_at: '2026-01-20T00:00:00Z', expires_at: '2026-02-19T00:00:00Z' }
    const stdout = await show({ ...WINDOW, ...begun })
    expect(stdout).toContain('from 2026-01-20 00:00 UTC, the first download, until 2026-02-19 00:00 UTC\n')
    expect(stdout).toContain('state          expired')
  })

  test.each([
    [{ limit_bandwidth: 1, limit_bandwidth_unit: 'Megabyte' }, 'used up'],
    [{ limit_bandwidth: 2, limit_bandwidth_unit: 'Gigabyte' }, 'active'],
    [{ limit_bandwidth: 9, limit_bandwidth_unit: 'Exabyte' }, 'used up'],
  ])('prints the state of a token with %j as %s', async (token, state) => {
    expect(await show(token)).toContain(`  state          ${state}\n`)
  })
})
