import { describe, expect, test } from 'vitest'
import { TOKENS, useApi, type Json } from './api.ts'
import { callAs, type Caller } from './call-as.ts'

const api = useApi()
const MASK = '*'.repeat(16)

const stable = (role = 'entitlements'): Promise<Caller> =>
  callAs(api, { role, repositories: ['acme/stable', 'acme/t*'] })

describe('a key that is limited to some repositories', () => {
  test.each([undefined, null, [], ['acme/stable'], ['acme/test-*', 'acme/t?']])(
    'makes and changes tokens whose repositories are %j',
    async (repositories) => {
      const { call } = await stable()
      const made = await call('POST', `${TOKENS}?show_tokens=true`, { name: 'x', repositories })
      expect([made.status, (made.body as Json)['token']]).toEqual([201, expect.stringMatching(/^ptk/)])
      const { slug_perm } = await api.create()
      expect((await call('PATCH', `${TOKENS}${slug_perm}/`, { repositories })).status).toBe(200)
      const refreshed = await call('POST', `${TOKENS}${slug_perm}/refresh/`, { repositories })
      expect(refreshed.status).toBe(200)
    },
  )

  test.each(['entitlements', 'admin'])('makes and widens no token that opens others, as %s', async (role) => {
    const { call } = await stable(role)
    const { slug_perm } = await api.create({ repositories: ['acme/stable'] })
    for (const repositories of [['acme/other'], ['acme/stable', 'acme/*'], ['*/*'], ['acme/s*']]) {
      const index = repositories.length - 1
      for (const [method, path] of [
        ['POST', TOKENS],
        ['PATCH', `${TOKENS}${slug_perm}/`],
        ['POST', `${TOKENS}${slug_perm}/refresh/`],
      ] as const) {
        const answer = await call(method, path, { name: 'wide', repositories })
        expect(answer.status).toBe(403)
        expect(answer.body).toEqual({
          detail: 'A token may open no repository that your key does not cover.',
          code: 'permission_denied',
          fields: { repositories: [`[${index}] Your key does not cover all of this.`] },
        })
      }
    }
    expect(await api.read(slug_perm)).toMatchObject({ name: 'Customer', repositories: ['acme/stable'] })
    const { body } = await api.call('GET', `${TOKENS}?query=wide`)
    expect(body).toEqual([])
  })

  test('sees a token that opens others without its secret, and can do nothing with it', async () => {
    const { call } = await stable()
    const wide = await api.create({ repositories: ['acme/*'] })
    const own = `${TOKENS}${wide.slug_perm}/`
    const before = await api.read(wide.slug_perm)
    expect((await call('GET', `${own}?show_tokens=true`)).body).toMatchObject({ token: MASK })
    const { body } = await call('GET', `${TOKENS}?show_tokens=true&query=${wide.slug_perm}`)
    expect(body).toMatchObject([{ slug_perm: wide.slug_perm, token: MASK }])
    const attempts: [string, string, unknown?][] = [
      ['PATCH', '', { limit_num_downloads: null }],
      ['PATCH', '', { repositories: null }],
      ['PATCH', '', { token: 'a-secret-that-i-know' }],
      ['POST', 'refresh/?show_tokens=true'],
      ['POST', 'enable/'],
      ['POST', 'disable/'],
      ['POST', 'reset/'],
      ['DELETE', ''],
    ]
    for (const [method, path, body_] of attempts) {
      const answer = await call(method, own + path, body_)
      expect(answer.status).toBe(403)
      expect(answer.text).not.toContain(wide.token)
    }
    expect(await api.read(wide.slug_perm)).toEqual(before)
  })

  test('sees and guesses nothing of the tokens of another repository', async () => {
    const { call } = await callAs(api, { role: 'entitlements', repositories: ['acme/other'] })
    const { slug_perm } = await api.create({ repositories: ['acme/*'] })
    for (const path of [TOKENS, `${TOKENS}${slug_perm}/`, '/entitlements/acme/nothing/']) {
      const answer = await call('GET', path)
      expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.', code: 'not_found' }])
    }
    expect((await call('GET', `/entitlements/acme/other/${slug_perm}/`)).status).toBe(404)
  })
})

test.each(['%2f', '%2F..%2F', '/%2e%2e/'])(
  'no spelling of the path leads to another repository: %s',
  async (slash) => {
    const { call } = await callAs(api, { role: 'admin', repositories: ['acme/other'] })
    const paths = [`/entitlements/acme/other${slash}stable/`, `/entitlements/acme${slash}stable/other/`]
    for (const path of paths) expect((await call('GET', path)).status).toBe(404)
  },
)

describe('a viewer', () => {
  test('never sees a secret, whatever it asks for', async () => {
    const { call } = await callAs(api, { role: 'viewer' })
    const { slug_perm, token } = await api.create()
    for (const path of [`${TOKENS}?show_tokens=true&page_size=500`, `${TOKENS}${slug_perm}/?show_tokens=1`]) {
      const answer = await call('GET', path)
      expect(answer.status).toBe(200)
      expect(answer.text).not.toContain(token)
      expect(answer.text).toContain(MASK)
    }
  })
})

describe('purging the cache', () => {
  test('of one repository needs that one, of all needs all', async () => {
    const { call } = await callAs(api, { repositories: ['acme/stable'] })
    const purge = (body: Json) => call('POST', '/cache/purge/', body)
    expect((await purge({ repository: 'acme/stable', path: 'x' })).status).toBe(200)
    for (const body of [{}, { repository: null }, { repository: ['acme/stable'] }, { path: 'x' }]) {
      expect((await purge(body)).status).toBe(403)
    }
    for (const repository of ['acme/other', 'acme/nothing', 'acme/stable/..', 'acme', '']) {
      expect((await purge({ repository })).status).toBe(404)
    }
  })
})
