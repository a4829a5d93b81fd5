import { beforeAll, describe, expect, test } from 'vitest'
import type { Repository } from '../../src/policy/types.ts'
import { fieldsOf, startApi, TOKENS, useApi, type Json } from './api.ts'
import { callAs } from './call-as.ts'

const api = useApi()
const OWNER = '/entitlements/acme/'
const NOBODY = '01JD0000000000000000000001'

const create = async (fields: Json = {}): Promise<Json & { readonly slug_perm: string }> => {
  const { status, body } = await api.call('POST', `${OWNER}?show_tokens=true`, {
    name: 'Everything',
    ...fields,
  })
  expect(status).toBe(201)
  return body as Json & { readonly slug_perm: string }
}

describe('a token that belongs to its owner', () => {
  test('opens all repositories of the owner, and says where it belongs', async () => {
    const token = await create()
    const self = `${api.url}/entitlements/acme/${token.slug_perm}/`
    expect(token).toMatchObject({
      owner: 'acme',
      repository: null,
      repositories: ['acme/*'],
      self_url: self,
      enable_url: `${self}enable/`,
      disable_url: `${self}disable/`,
      refresh_url: `${self}refresh/`,
      reset_url: `${self}reset/`,
    })
  })

  test('may be narrowed to some of them, and null means all of them again', async () => {
    const { slug_perm } = await create({ repositories: ['acme/st*'] })
    const patch = (repositories: unknown) => api.call('PATCH', `${OWNER}${slug_perm}/`, { repositories })
    expect((await patch(['acme/other'])).body).toMatchObject({ repositories: ['acme/other'] })
    expect((await patch(null)).body).toMatchObject({ repositories: ['acme/*'] })
    expect((await patch([])).body).toMatchObject({ repositories: [] })
  })

  test.each([['other/stable'], ['*/*'], ['acm?/stable'], ['acme2/*']])(
    'opens nothing of others: %s',
    async (glob) => {
      const answer = await api.call('POST', OWNER, { name: 'x', repositories: ['acme/stable', glob] })
      expect(fieldsOf(answer)['repositories']).toEqual([
        '[1] A token that belongs to acme opens repositories of acme only, like acme/*.',
      ])
      const { slug_perm } = await create()
      expect((await api.call('PATCH', `${OWNER}${slug_perm}/`, { repositories: [glob] })).status).toBe(422)
    },
  )

  test.each(['', 'v1'])(
    'is read, changed, switched, refreshed, reset and deleted at its path, below /%s',
    async (prefix) => {
      const { slug_perm, token } = await create()
      const path = `${prefix === '' ? '' : `/${prefix}`}${OWNER}${slug_perm}/`
      expect((await api.call('GET', path)).body).toMatchObject({ slug_perm, name: 'Everything' })
      expect((await api.call('PATCH', path, { name: 'Other' })).body).toMatchObject({ name: 'Other' })
      expect((await api.call('POST', `${path}disable/`)).status).toBe(204)
      expect((await api.call('GET', path)).body).toMatchObject({ is_active: false })
      expect((await api.call('POST', `${path}enable/`)).status).toBe(204)
      const refreshed = await api.call('POST', `${path}refresh/?show_tokens=true`)
      expect((refreshed.body as Json)['token']).not.toBe(token)
      expect((await api.call('POST', `${path}reset/`)).status).toBe(204)
      for (const part of ['usage', 'clients', 'packages']) {
        expect((await api.call('GET', `${path}${part}/`)).status).toBe(200)
      }
      expect((await api.call('DELETE', path)).status).toBe(204)
      expect((await api.call('GET', path)).status).toBe(404)
    },
  )

  test('is found at the longer path, too, and not as one of a repository', async () => {
    const { slug_perm } = await create()
    expect((await api.call('GET', `/entitlements/acme/*/${slug_perm}/`)).status).toBe(200)
    expect((await api.call('GET', `${TOKENS}${slug_perm}/`)).status).toBe(404)
    expect((await api.call('GET', `/entitlements/other/${slug_perm}/`)).status).toBe(404)
  })

  test.each([
    `${OWNER}${NOBODY}/`,
    `${OWNER}*/`,
    `${OWNER}*/${NOBODY}/`,
    '/entitlements/nobody/',
    `/entitlements/*/${NOBODY}/`,
  ])('there is none at %s', async (path) => {
    const answer = await api.call('GET', path)
    expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.', code: 'not_found' }])
  })

  test('shares no secret with another token of the owner', async () => {
    await create({ token: 'secret-of-owner' })
    const taken = { name: 'x', token: 'secret-of-owner' }
    const message = ['Another token of this repository, or of its owner, has this secret.']
    expect(fieldsOf(await api.call('POST', TOKENS, taken))).toEqual({ token: message })
    expect(fieldsOf(await api.call('POST', OWNER, taken))).toEqual({ token: message })
    await api.create({ token: 'secret-of-repo' })
    expect(fieldsOf(await api.call('POST', OWNER, { name: 'x', token: 'secret-of-repo' }))).toEqual({
      token: message,
    })
  })

  test('is in the audit log of the owner, and of no repository', async () => {
    const { slug_perm } = await create()
    const { body } = await api.call('GET', `/audit-log/acme/?object=${slug_perm}`)
    expect(body).toMatchObject([
      {
        event: 'repo.entitlement.created',
        object_slug_perm: slug_perm,
        target: 'acme',
        target_kind: 'owner',
      },
    ])
    expect((await api.call('GET', `/audit-log/acme/stable/?object=${slug_perm}`)).body).toEqual([])
  })

  test('counts in the figures of the owner', async () => {
    const { slug_perm } = await create()
    const found = await api.call('GET', `/metrics/entitlements/acme/?tokens=${slug_perm}`)
    expect(found.body).toMatchObject({ tokens: { total: 1 } })
    expect((await api.call('GET', `/metrics/entitlements/acme/stable/?tokens=${slug_perm}`)).status).toBe(422)
  })
})

describe('the list of an owner', () => {
  const own = useApi()

  beforeAll(async () => {
    await own.create({ name: 'in stable' })
    await own.call('POST', '/entitlements/acme/other/', { name: 'in other' })
    await own.call('POST', '/entitlements/acme/', { name: 'of acme' })
  })
  const list = async (query: string) => await own.call('GET', `/entitlements/acme/${query}`)

  test('has the tokens of all repositories and those of the owner', async () => {
    const { body, headers } = await list('')
    expect(body).toMatchObject([
      { name: 'in other', repository: 'acme/other' },
      { name: 'in stable', repository: 'acme/stable' },
      { name: 'of acme', repository: null },
    ])
    expect(headers.get('x-pagination-count')).toBe('3')
  })

  test('can be narrowed to one repository, or to those of the owner', async () => {
    expect((await list('?query=repository:stable')).body).toMatchObject([{ name: 'in stable' }])
    expect((await list('?query=repository:acme/other')).body).toMatchObject([{ name: 'in other' }])
    expect((await list('?query=repository:none')).body).toMatchObject([{ name: 'of acme' }])
    expect((await list('?query=repository:nowhere')).body).toEqual([])
  })

  test('comes in pages whose links work', async () => {
    const first = await list('?page_size=2')
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    expect((await own.call('GET', next.replace(own.url, ''))).body).toMatchObject([{ name: 'of acme' }])
  })
})

describe('a key that does not cover the whole owner', () => {
  test('finds neither the list, nor a way to make such a token, nor one that there is', async () => {
    const { slug_perm } = await create()
    const limited = await callAs(api, { role: 'admin', repositories: ['acme/stable', 'acme/?'] })
    for (const [method, path] of [
      ['GET', OWNER],
      ['POST', OWNER],
      ['GET', `${OWNER}${slug_perm}/`],
      ['PATCH', `${OWNER}${slug_perm}/`],
      ['DELETE', `${OWNER}${slug_perm}/`],
      ['POST', `${OWNER}${slug_perm}/disable/`],
      ['GET', `/entitlements/acme/*/${slug_perm}/`],
      ['GET', `${OWNER}${slug_perm}/usage/`],
    ] as const) {
      const body = method === 'POST' || method === 'PATCH' ? { name: 'mine' } : undefined
      expect((await limited.call(method, path, body)).status).toBe(404)
    }
    expect((await api.call('GET', `${OWNER}${slug_perm}/`)).body).toMatchObject({
      name: 'Everything',
      is_active: true,
    })
  })

  test('one that may only look changes nothing', async () => {
    const { slug_perm } = await create()
    const viewer = await callAs(api, { role: 'viewer', repositories: ['acme/*'] })
    expect((await viewer.call('GET', `${OWNER}${slug_perm}/`)).status).toBe(200)
    expect((await viewer.call('DELETE', `${OWNER}${slug_perm}/`)).status).toBe(403)
    expect((await viewer.call('POST', OWNER, { name: 'x' })).status).toBe(403)
  })

  test('one that covers the owner does everything', async () => {
    const keeper = await callAs(api, { role: 'entitlements', repositories: ['acme/*'] })
    const made = await keeper.call('POST', OWNER, { name: 'x' })
    expect(made.status).toBe(201)
    const { slug_perm } = made.body as { slug_perm: string }
    expect((await keeper.call('DELETE', `${OWNER}${slug_perm}/`)).status).toBe(204)
  })
})

test('a repository that is called like an id is what the path means; the token is at the longer one', async () => {
  const repositories = new Map<string, Repository>([
    ['acme/stable', { owner: 'acme', repo: 'stable', format: 'deb', public: false }],
  ])
  await using shadowed = await startApi({ repositories: () => repositories })
  const { slug_perm } = (await shadowed.call('POST', OWNER, { name: 'mine' })).body as { slug_perm: string }
  repositories.set(`acme/${slug_perm}`, { owner: 'acme', repo: slug_perm, format: 'deb', public: false })
  expect((await shadowed.call('GET', `${OWNER}${slug_perm}/`)).body).toEqual([])
  expect((await shadowed.call('GET', `${OWNER}*/${slug_perm}/`)).body).toMatchObject({ name: 'mine' })
})
