import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { renderToken } from '../../src/admin/token-output.ts'
import type { TokenRecord } from '../../src/policy/types.ts'
import type { Usage } from '../../src/store/contract.ts'
import { KEY, startApi, TOKENS, type Json } from './api.ts'

const TOKEN: TokenRecord = {
  slugPerm: '01J',
  owner: 'acme',
  repo: 'stable',
  name: 'x',
  isActive: true,
  validFrom: null,
  validUntil: null,
  repositories: null,
  packages: null,
  limitDownloads: null,
  limitClients: null,
  metadata: null,
  createdAt: 0,
  createdBy: 'x',
  updatedAt: null,
  updatedBy: null,
}
const UNUSED: Usage = { epoch: 0, downloads: 0, clients: 0, bytes: 0, lastUsedAt: null, resetAt: null }

function render(token: Partial<TokenRecord>, usage: Partial<Usage> = {}): Record<string, unknown> {
  return renderToken(
    { ...TOKEN, ...token },
    { secret: '*', usage: { ...UNUSED, ...usage }, base: '', now: 1000 },
  )
}

test.each<[Partial<TokenRecord>, Partial<Usage>, string]>([
  [{}, {}, '0 downloads, 0 clients'],
  [{}, { downloads: 1, clients: 1 }, '1 download, 1 client'],
  [{ limitDownloads: 10 }, { downloads: 3, clients: 1 }, '3 of 10 downloads, 1 client'],
  [{ limitDownloads: 1, limitClients: 2 }, { downloads: 1, clients: 1 }, '1 of 1 download, 1 of 2 clients'],
])('the usage of %j after %j reads %s', (token, usage, expected) => {
  expect(render(token, usage)['usage']).toBe(expected)
})

describe('has_limits', () => {
  test.each<Partial<TokenRecord>>([
    { validFrom: 0 },
    { validUntil: 0 },
    { packages: [] },
    { limitDownloads: 0 },
    { limitClients: 0 },
  ])('is true for %j', (token) => {
    expect(render(token)['has_limits']).toBe(true)
  })

  test('is false for a token that is only disabled or reaches further', () => {
    expect(render({ isActive: false, repositories: ['acme/*'] })['has_limits']).toBe(false)
  })
})

describe('is_limited', () => {
  test.each<[Partial<TokenRecord>, Partial<Usage>, boolean]>([
    [{ validFrom: 1000 }, {}, false],
    [{ validFrom: 1001 }, {}, true],
    [{ validUntil: 1000 }, {}, true],
    [{ validUntil: 1001 }, {}, false],
    [{ limitDownloads: 2 }, { downloads: 1 }, false],
    [{ limitDownloads: 2 }, { downloads: 2 }, true],
    [{ limitClients: 0 }, {}, true],
    [{ limitClients: 1 }, { clients: 0 }, false],
    [{ packages: [] }, { downloads: 99 }, false],
  ])('of %j after %j is %j', (token, usage, expected) => {
    expect(render(token, usage)['is_limited']).toBe(expected)
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
