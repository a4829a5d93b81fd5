import { describe, expect, test } from 'vitest'
import { KEY, type Answered, type Api, type Json } from './api.ts'
import { describeOnBothStores } from './both-stores.ts'

/**
 * What Cloudsmith's own clients put on the wire, byte for byte where it matters: they announce JSON on every request, also on those without
 * a body; Python writes `True`, Go `true`.
 */
interface Client {
  readonly ask: (method: string, path: string, body?: string) => Promise<Answered>
}

function commandLine(api: Api): Client {
  const agent = 'cloudsmith-cli/debian/12 cli:1.8.9 api:2.0.18'
  return createClient(api, '', { 'User-Agent': agent, 'X-Api-Key': KEY, Accept: 'application/json' })
}

function terraform(api: Api): Client {
  const agent = 'Terraform/1.9 terraform-provider-cloudsmith'
  return createClient(api, '/v1', { 'User-Agent': agent, 'X-Api-Key': KEY, Accept: 'application/json' })
}

function createClient(api: Api, prefix: string, headers: Readonly<Record<string, string>>): Client {
  return {
    ask: async (method, path, body) => {
      const answer = await api.send(prefix + path, {
        method,
        headers: { ...headers, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      })
      // The command line sleeps so many seconds after each call.
      expect(answer.headers.get('x-ratelimit-interval')).toBeNull()
      if (answer.status >= 400) expectError(answer)
      return answer
    },
  }
}

/** What the Go client can decode: `detail` is text, and `fields` maps names to lists of texts. */
function expectError({ body }: Answered): void {
  const { detail, fields = {} } = body as { detail: unknown; fields?: Readonly<Record<string, unknown>> }
  expect(typeof detail).toBe('string')
  for (const messages of Object.values(fields)) {
    expect(messages).toEqual(expect.arrayContaining([expect.any(String)]))
  }
}

const COUNTS = ['downloads', 'clients']
const LIMITS = ['identifier', 'limit_num_downloads', 'limit_num_clients', 'limit_bandwidth']
const INSTANTS = [
  'created_at',
  'updated_at',
  'limit_date_range_from',
  'limit_date_range_to',
  'scheduled_reset_at',
  'eula_accepted_at',
]
const FLAGS = [
  'is_active',
  'default',
  'has_limits',
  'is_limited',
  'eula_required',
  'access_private_broadcasts',
]
const TEXTS = ['name', 'slug_perm', 'token', 'usage', 'limit_bandwidth_unit', 'scheduled_reset_period']
const LINKS = ['self_url', 'enable_url', 'disable_url', 'refresh_url', 'reset_url']

/** A token whose every field has the type that the clients' models have: int64, RFC 3339 or null, text. */
function expectToken(value: unknown): Json {
  const token = value as Json
  const typesOf = (names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(names.map((name) => [name, typeof token[name]]))
  const all = (names: readonly string[], type: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, type]))
  expect(typesOf(TEXTS)).toEqual(all(TEXTS, 'string'))
  expect(typesOf(FLAGS)).toEqual(all(FLAGS, 'boolean'))
  for (const name of COUNTS) expect(Number.isSafeInteger(token[name])).toBe(true)
  for (const name of LIMITS) expect(token[name] === null || Number.isSafeInteger(token[name])).toBe(true)
  for (const name of INSTANTS) {
    expect(token[name] === null || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/.test(String(token[name]))).toBe(
      true,
    )
  }
  for (const name of LINKS) expect(() => new URL(String(token[name]))).not.toThrow()
  expect(String(token['slug_perm'])).toMatch(/^[-a-zA-Z0-9_]+$/)
  expect(token['eula_accepted']).toEqual({ identifier: null, number: null })
  return token
}

function idOf(answer: Answered): string {
  return String(expectToken(answer.body)['slug_perm'])
}

function tokensIn(answer: Answered): readonly Json[] {
  expect(answer.status).toBe(200)
  return (answer.body as readonly unknown[]).map(expectToken)
}

function pagination({ headers }: Answered): readonly (string | null)[] {
  return ['Count', 'Page', 'PageTotal', 'PageSize'].map((name) => headers.get(`X-Pagination-${name}`))
}

const LIST = '/entitlements/acme/stable/'

describeOnBothStores((api) => {
  describe('the command line', () => {
    const { ask } = commandLine(new Proxy({} as Api, { get: (_, name) => Reflect.get(api, name) }))

    test('asks who it is, what state the service is in, and what it may ask how often', async () => {
      const self = (await ask('GET', '/user/self/')).body
      expect(self).toMatchObject({
        authenticated: true,
        slug: expect.any(String),
        slug_perm: expect.any(String),
        name: expect.any(String),
        email: null,
      })
      expect((await ask('GET', '/status/check/basic/')).body).toMatchObject({
        detail: expect.any(String),
        version: expect.any(String),
      })
      expect((await ask('GET', '/rates/limits/')).body).toEqual({ resources: {} })
    })

    test('creates, lists, updates, refreshes and deletes', async () => {
      const created = await ask(
        'POST',
        `${LIST}?show_tokens=True`,
        '{"name": "cli", "token": "cli-secret-1"}',
      )
      expect([created.status, expectToken(created.body)['token']]).toEqual([201, 'cli-secret-1'])
      const token = `${LIST}${idOf(created)}/`
      const listed = await ask('GET', `${LIST}?page=1&page_size=30&show_tokens=False`)
      expect(tokensIn(listed).map((each) => each['token'])).toEqual(['*'.repeat(16)])
      expect(pagination(listed)).toEqual(['1', '1', '1', '30'])
      const updated = await ask('PATCH', `${token}?show_tokens=False`, '{"name": "renamed"}')
      expect([updated.status, expectToken(updated.body)['name']]).toEqual([200, 'renamed'])
      const refreshed = await ask('POST', `${token}refresh/?show_tokens=True`)
      expect(refreshed.status).toBe(200)
      expect(expectToken(refreshed.body)['token']).not.toBe('cli-secret-1')
      expect([(await ask('DELETE', token)).status, (await ask('GET', token)).status]).toEqual([204, 404])
    })

    test('asks for pages of a thousand, and is given those of 500', async () => {
      expect(pagination(await ask('GET', `${LIST}?page=1&page_size=1000&show_tokens=False`))[3]).toBe('500')
    })

    test.each([
      ['2020-01-01T00:00:00', '2020-01-01T00:00:00.000Z'],
      ['2020-01-01T00:00:00+00:00', '2020-01-01T00:00:00.000Z'],
    ])('restricts from %s on', async (from, shown) => {
      const token = `${LIST}${idOf(await ask('POST', LIST, '{"name": "restricted"}'))}/`
      const body = `{"limit_num_clients": 5, "limit_num_downloads": 10, "limit_bandwidth": 2, "limit_bandwidth_unit": "Gigabyte",
        "limit_package_query": "name:widget", "limit_path_query": "/pool/", "limit_date_range_from": "${from}",
        "limit_date_range_to": "2031-01-01T00:00:00", "scheduled_reset_period": "Monthly"}`
      const { status } = await ask('PATCH', token, body)
      const read = expectToken((await ask('GET', token)).body)
      expect([status, read['limit_date_range_from']]).toEqual([200, shown])
      expect(read).toMatchObject({ has_limits: true, is_limited: false, scheduled_reset_period: 'Monthly' })
      expect(read['usage']).toBe('0 of 10 downloads, 0 of 5 clients, 0 of 2000000000 bytes')
    })

    test('syncs', async () => {
      await ask('POST', '/entitlements/acme/other/', '{"name": "source"}')
      const synced = await ask('POST', `${LIST}sync/?show_tokens=True`, '{"source": "other"}')
      const { tokens } = synced.body as { tokens: readonly unknown[] }
      expect([synced.status, tokens.map((token) => expectToken(token)['name'])]).toEqual([200, ['source']])
    })

    test('lists repositories with all that it prints', async () => {
      const { status, body, headers } = await ask('GET', '/repos/acme/?page=1&page_size=30')
      expect([status, headers.get('X-Pagination-Count')]).toEqual([200, '2'])
      const printed = [
        'name',
        'repository_type_str',
        'package_count',
        'package_group_count',
        'num_downloads',
        'size_str',
        'namespace',
        'slug',
      ]
      for (const repository of body as readonly Json[]) {
        expect(Object.keys(repository)).toEqual(expect.arrayContaining(printed))
        expect(repository).toMatchObject({
          namespace: 'acme',
          repository_type_str: 'Private',
          cdn_url: `https://packages.example.com/basic/acme/${String(repository['slug'])}/`,
        })
      }
    })

    test('sums up usage', async () => {
      for (const path of ['/metrics/entitlements/acme/', '/metrics/entitlements/acme/stable/']) {
        const { status, body } = await ask('GET', `${path}?page=1&page_size=30`)
        expect(status).toBe(200)
        expect(body).toMatchObject({
          tokens: {
            total: expect.any(Number),
            bandwidth: { total: { display: expect.any(String), value: expect.any(Number) } },
            downloads: { average: { value: expect.any(Number) }, total: { value: expect.any(Number) } },
          },
        })
      }
    })

    test('is told why it can not log in, list keys or see a quota', async () => {
      for (const [method, path, body] of [
        ['POST', '/user/token/', '{"email": "ada@example.com", "password": "secret-password"}'],
        ['GET', '/user/tokens/'],
        ['GET', '/quota/acme/'],
        ['POST', '/broadcasts/acme/broadcast-token/', '{"entitlement_token": "cli-secret-1"}'],
      ] as const) {
        const answer = await ask(method, path, body)
        expect(answer.status).toBe(404)
        expect(answer.body).toMatchObject({
          detail: expect.stringMatching(/^Postern does not offer this: ./),
          code: 'not_offered',
        })
        expect(answer.text).not.toMatch(/cli-secret|secret-password/)
      }
    })
  })

  describe('the Terraform provider', () => {
    const { ask } = terraform(new Proxy({} as Api, { get: (_, name) => Reflect.get(api, name) }))
    const UNSET = `"limit_date_range_from":null,"limit_date_range_to":null,"limit_num_clients":null,"limit_num_downloads":null,
      "limit_package_query":null,"limit_path_query":null`

    test('creates with explicit nulls, polls, switches broadcasts off, clears limits, deletes and polls again', async () => {
      expect((await ask('GET', '/user/self/')).status).toBe(200)
      const created = await ask('POST', `${LIST}?show_tokens=true`, `{"is_active":true,${UNSET},"name":"tf"}`)
      expect(created.status).toBe(201)
      const token = `${LIST}${idOf(created)}/`
      expect((await ask('GET', token)).status).toBe(200)
      const toggled = await ask(
        'POST',
        `${token}toggle-private-broadcasts/`,
        '{"access_private_broadcasts":false}',
      )
      expect([toggled.status, expectToken(toggled.body)['access_private_broadcasts']]).toEqual([200, false])
      await ask(
        'PATCH',
        `${token}?show_tokens=true`,
        '{"limit_num_clients":3,"limit_package_query":"name:x","name":"tf"}',
      )
      const secret = expectToken((await ask('GET', `${token}?show_tokens=true`)).body)['token']
      const cleared = await ask(
        'PATCH',
        `${token}?show_tokens=true`,
        `{"is_active":true,${UNSET},"name":"tf","token":"${String(secret)}"}`,
      )
      expect(cleared.status).toBe(200)
      expect(expectToken(cleared.body)).toMatchObject({
        limit_num_clients: null,
        limit_package_query: null,
        has_limits: false,
        token: secret,
      })
      expect((await ask('DELETE', token)).status).toBe(204)
      expect((await ask('GET', token)).status).toBe(404)
    })

    test('is told at the field that there are no broadcasts', async () => {
      const token = `${LIST}${idOf(await ask('POST', LIST, '{"name":"tf"}'))}/`
      const answer = await ask(
        'POST',
        `${token}toggle-private-broadcasts/`,
        '{"access_private_broadcasts":true}',
      )
      expect([answer.status, (answer.body as { fields: Json }).fields]).toEqual([
        422,
        {
          access_private_broadcasts: [
            'Postern has no broadcasts, so this would open nothing; leave it out or send false.',
          ],
        },
      ])
      expect(expectToken((await ask('GET', token)).body)['access_private_broadcasts']).toBe(false)
    })

    test('reads lists to their end by four headers, which empty ones have, too', async () => {
      const empty = await ask(
        'GET',
        `${LIST}?page=1&page_size=100&query=name:nothing-like-it&show_tokens=true`,
      )
      expect([tokensIn(empty), pagination(empty)]).toEqual([[], ['0', '1', '1', '100']])
      await ask('POST', LIST, '{"name":"Default"}')
      const found = await ask(
        'GET',
        `${LIST}?page=1&page_size=100&query=name:Default&show_tokens=true&active=true`,
      )
      expect(tokensIn(found).map(({ name }) => name)).toEqual(['Default'])
    })

    test('switches a token on and off, and polls what it is', async () => {
      const token = `${LIST}${idOf(await ask('POST', LIST, '{"name":"control"}'))}/`
      for (const [action, isActive] of [
        ['disable', false],
        ['enable', true],
      ] as const) {
        expect((await ask('POST', `${token}${action}/`)).status).toBe(204)
        expect(expectToken((await ask('GET', token)).body)['is_active']).toBe(isActive)
      }
    })

    test('reads a repository', async () => {
      expect((await ask('GET', '/repos/acme/stable/')).body).toMatchObject({
        slug: 'stable',
        is_private: true,
      })
    })
  })

  describe('a token is read', () => {
    const { ask } = commandLine(new Proxy({} as Api, { get: (_, name) => Reflect.get(api, name) }))
    const read = (identifier: string, query = '?fuzzy=True'): Promise<Answered> =>
      ask('GET', `${LIST}${encodeURIComponent(identifier)}/${query}`)

    test('by its name, with fuzzy', async () => {
      const id = idOf(await ask('POST', LIST, '{"name": "Name with / and ü"}'))
      expect(idOf(await read('Name with / and ü'))).toBe(id)
      expect(idOf(await read(id))).toBe(id)
      for (const [identifier, query] of [
        ['Name with / and ü', ''],
        ['Name with / and ü', '?fuzzy=False'],
        ['Name with', '?fuzzy=true'],
        ['name with / and ü', '?fuzzy=true'],
        [' ', '?fuzzy=true'],
        ['%', '?fuzzy=true'],
      ] as const) {
        expect((await read(identifier, query)).status).toBe(404)
      }
    })

    test('not by a name that two have', async () => {
      for (let count = 0; count < 2; count++) await ask('POST', LIST, '{"name": "Twins"}')
      const answer = await read('Twins')
      expect([answer.status, (answer.body as { fields: Json }).fields]).toEqual([
        422,
        { identifier: ['2 tokens have this name: ask with a slug_perm.'] },
      ])
    })
  })
})
