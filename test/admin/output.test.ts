import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { renderToken } from '../../src/admin/token-output.ts'
import type { StoredToken, Usage } from '../../src/store/contract.ts'
import { STORED_TOKEN_DEFAULTS } from '../../src/store/stored-token.ts'
import { KEY, startApi, TOKENS, type Json } from './api.ts'

const TOKEN: StoredToken = {
  ...STORED_TOKEN_DEFAULTS,
  slugPerm: '01J',
  owner: 'acme',
  repo: 'stable',
  name: 'x',
  digest: 'current',
  sealedSecret: 'sealed',
  createdAt: 0,
  createdBy: 'x',
}
const UNUSED: Usage = { epoch: 0, downloads: 0, clients: 0, bytes: 0, lastUsedAt: null, resetAt: null }

function render(token: Partial<StoredToken>, usage: Partial<Usage> = {}): Record<string, unknown> {
  return renderToken(
    { ...TOKEN, ...token },
    { secret: '*', usage: { ...UNUSED, ...usage }, base: '', now: 1000 },
  )
}

test.each<[Partial<StoredToken>, Partial<Usage>, string]>([
  [{}, {}, '0 downloads, 0 clients'],
  [{}, { downloads: 1, clients: 1 }, '1 download, 1 client'],
  [{ limitDownloads: 10 }, { downloads: 3, clients: 1 }, '3 of 10 downloads, 1 client'],
  [{ limitDownloads: 1, limitClients: 2 }, { downloads: 1, clients: 1 }, '1 of 1 download, 1 of 2 clients'],
  [
    { limitBandwidth: 5, limitBandwidthUnit: 'Kilobyte' },
    { bytes: 70 },
    '0 downloads, 0 clients, 70 of 5000 bytes',
  ],
])('the usage of %j after %j reads %s', (token, usage, expected) => {
  expect(render(token, usage)['usage']).toBe(expected)
})

describe('has_limits', () => {
  test.each<Partial<StoredToken>>([
    { validFrom: 0 },
    { validUntil: 0 },
    { packages: [] },
    { packageQuery: 'name:x' },
    { pathQuery: '/x' },
    { limitDownloads: 0 },
    { limitClients: 0 },
    { limitBandwidth: 0 },
    { limitRate: 1 },
    { limitConcurrency: 0 },
    { networks: [] },
    { publishedUntil: 0 },
  ])('is true for %j', (token) => {
    expect(render(token)['has_limits']).toBe(true)
  })

  test('is false for a token that is only disabled or reaches further', () => {
    expect(render({ isActive: false, repositories: ['acme/*'] })['has_limits']).toBe(false)
  })
})

describe('is_limited', () => {
  test.each<[Partial<StoredToken>, Partial<Usage>, boolean]>([
    [{ validFrom: 1000 }, {}, false],
    [{ validFrom: 1001 }, {}, true],
    [{ validUntil: 1000 }, {}, true],
    [{ validUntil: 1001 }, {}, false],
    [{ limitDownloads: 2 }, { downloads: 1 }, false],
    [{ limitDownloads: 2 }, { downloads: 2 }, true],
    [{ limitClients: 0 }, {}, true],
    [{ limitClients: 1 }, { clients: 0 }, false],
    [{ packages: [] }, { downloads: 99 }, false],
    [{ limitBandwidth: 2, limitBandwidthUnit: 'Kilobyte' }, { bytes: 1999 }, false],
    [{ limitBandwidth: 2, limitBandwidthUnit: 'Kilobyte' }, { bytes: 2000 }, true],
    [{ limitBandwidth: 9, limitBandwidthUnit: 'Yottabyte' }, {}, true],
    [{ limitConcurrency: 0 }, {}, true],
    [{ limitConcurrency: 1, limitRate: 0.001 }, {}, false],
    [{ networks: [] }, {}, true],
    [{ networks: ['::1'] }, {}, false],
    [{ validFrom: 0, validUntil: 500, startsOnFirstDownload: true }, {}, false],
    [{ validFrom: 0, validUntil: 500, startsOnFirstDownload: true, firstDownloadAt: 501 }, {}, false],
    [{ validFrom: 0, validUntil: 500, startsOnFirstDownload: true, firstDownloadAt: 500 }, {}, true],
  ])('of %j after %j is %j', (token, usage, expected) => {
    expect(render(token, usage)['is_limited']).toBe(expected)
  })
})

test('what was set is shown in the words that set it', () => {
  const shown = render({
    clientsWindowMs: 90_000,
    limitBandwidth: 5,
    limitBandwidthUnit: 'Gigabyte',
    limitRate: 0.5,
    limitConcurrency: 3,
    networks: ['::1'],
    publishedUntil: 0,
    resetPeriod: 'Daily',
    resetAnchor: 500,
  })
  expect(shown).toMatchObject({
    clients_window: 90,
    limit_bandwidth: 5,
    limit_bandwidth_unit: 'Gigabyte',
    limit_rate: 0.5,
    limit_concurrency: 3,
    limit_networks: ['::1'],
    limit_published_until: '1970-01-01T00:00:00.000Z',
    scheduled_reset_period: 'Daily',
    scheduled_reset_at: '1970-01-01T00:00:00.500Z',
    next_reset_at: '1970-01-02T00:00:00.500Z',
  })
})

test('a window that began with a download ends as long after it as its dates are apart', () => {
  const window = { validFrom: 100, validUntil: 300, startsOnFirstDownload: true }
  expect(render(window)).toMatchObject({ first_download_at: null, expires_at: null })
  expect(render({ ...window, firstDownloadAt: 250 })).toMatchObject({
    first_download_at: '1970-01-01T00:00:00.250Z',
    expires_at: '1970-01-01T00:00:00.450Z',
    limit_date_range_from: '1970-01-01T00:00:00.100Z',
    limit_date_range_to: '1970-01-01T00:00:00.300Z',
  })
})

describe('the last use of a secret', () => {
  const uses = (token: Partial<StoredToken>, lastUsedAt: number | null): unknown[] => {
    const shown = render(token, { lastUsedAt })
    return [shown['secret_last_used_at'], shown['previous_secret_last_used_at']]
  }
  const at = (ms: number): string => new Date(ms).toISOString()

  test('is that of the token when there was no other', () => {
    expect(uses({}, 700)).toEqual([at(700), null])
    expect(uses({}, null)).toEqual([null, null])
  })

  test('is what was noted while two work', () => {
    const two = { previousDigest: 'previous', previousValidUntil: 900 }
    expect(uses(two, 700)).toEqual([null, null])
    expect(uses({ ...two, secretUsedAt: 600, previousSecretUsedAt: 700 }, 700)).toEqual([at(600), at(700)])
  })

  test('is that of the token once the previous one has ended', () => {
    const two = { previousDigest: 'previous', previousValidUntil: 900, secretUsedAt: 600 }
    expect(uses({ ...two, previousSecretUsedAt: 700 }, 901)).toEqual([at(901), at(700)])
    expect(uses({ previousValidUntil: 900 }, 899)).toEqual([null, null])
  })
})

describe('the URLs of a token', () => {
  const host = async (name: string | undefined, path = TOKENS): Promise<unknown> => {
    await using api = await startApi()
    const { slug_perm } = await api.create()
    const answer = await requestWithHost(api.port, `${path}${slug_perm}/`, name)
    return (JSON.parse(answer) as Json)['self_url']
  }

  test('name the host as the request does', async () => {
    expect(await host('admin.example.com:8081')).toMatch(/^http:\/\/admin\.example\.com:8081\/entitlements\//)
    expect(await host('[::1]:8081')).toMatch(/^http:\/\/\[::1\]:8081\/entitlements\//)
  })

  test('keep the prefix /v1', async () => {
    expect(await host('a.example', `/v1${TOKENS}`)).toMatch(/^http:\/\/a\.example\/v1\/entitlements\/acme\//)
  })

  test.each(['evil"><script>', 'a b', 'user@host', 'x/y', 'a:b'])(
    'do not repeat the host %s',
    async (name) => {
      expect(await host(name)).toMatch(/^\/entitlements\/acme\/stable\/\w+\/$/)
    },
  )
})

/** `fetch` sets Host itself. */
async function requestWithHost(port: number, path: string, host: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'X-Api-Key': KEY, ...(host === undefined ? {} : { Host: host }) }
    request({ host: '127.0.0.1', port, path, headers }, (response) => resolve(text(response)))
      .on('error', reject)
      .end()
  })
}
