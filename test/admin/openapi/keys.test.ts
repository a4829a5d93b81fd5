import { describe, expect, test } from 'vitest'
import { ROLES, type Role } from '../../../src/policy/roles.ts'
import { useApi } from '../api.ts'
import { callAs } from '../call-as.ts'
import { exampleOf, fillWithNothing, furnish, OPERATIONS, stateOf, type Documented } from './operations.ts'

const api = useApi()

/** Said here once more: what is public, and what is about tokens. Whatever else comes is judged by that. */
const PUBLIC: ReadonlySet<string> = new Set([
  '/healthz',
  '/readyz',
  '/metrics',
  '/status/check/basic',
  '/openapi.json',
  '/swagger',
  '/docs',
])
/** Signing in and out: changes nothing of what the API manages. */
const SESSION = '/console/session/'
const FOR_ANY_KEY: ReadonlySet<string> = new Set(['/user/self/', '/rates/limits/', SESSION])
const REPOSITORIES = /^\/repos\//
const ABOUT_TOKENS = /^\/(entitlements|downloads)\/|^\/usage\/.*\/packages\//
const FIGURES = /^\/(metrics|packages)\/|\/\{slug_perm\}\/usage\/$|^\/usage\/\{owner\}\/(\{repo\}\/)?$/

const guarded = OPERATIONS.filter(({ path }) => !PUBLIC.has(path))
const toAnyKey = (path: string): boolean => FOR_ANY_KEY.has(path) || REPOSITORIES.test(path)

/** True for what each role may be let do at most. */
const MAY: Readonly<Record<Exclude<Role, 'admin'>, (documented: Documented) => boolean>> = {
  entitlements: ({ path }) => toAnyKey(path) || (ABOUT_TOKENS.test(path) && !FIGURES.test(path)),
  viewer: ({ method, path }) =>
    path === SESSION || (method === 'GET' && !path.startsWith('/keys/') && !path.startsWith('/webhooks/')),
  metrics: ({ method, path }) =>
    path === SESSION || (method === 'GET' && (toAnyKey(path) || FIGURES.test(path))),
}

describe.each(['', '/v1'])('without a key, below %j', (base) => {
  test.each(guarded)('$title is a 401', async ({ method, path, operation }) => {
    const body = exampleOf(operation)
    const answer = await api.send(`${base}${fillWithNothing(path)}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code: 'not_authenticated' })
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
  })

  test.each(OPERATIONS.filter(({ path }) => PUBLIC.has(path)))(
    '$title is answered, and says so in the document',
    async ({ method, path, operation }) => {
      expect((await api.send(`${base}${path}`, { method })).status).toBe(200)
      expect(operation.security).toEqual([])
    },
  )
})

describe.each(['entitlements', 'viewer', 'metrics'] as const)('a key of the role %s', (role) => {
  const [allowed, forbidden] = [guarded.filter(MAY[role]), guarded.filter((each) => !MAY[role](each))]

  test.each(forbidden)('is refused $title, and changes nothing', async ({ method, path, operation }) => {
    const filled = await furnish(api, path)
    const caller = await callAs(api, { role })
    const before = await stateOf(api)
    const answer = await caller.call(method, filled, exampleOf(operation))
    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({ code: 'permission_denied' })
    expect(await stateOf(api)).toEqual(before)
  })

  test.each(forbidden)('can’t tell from $title what there is', async ({ method, path, operation }) => {
    const caller = await callAs(api, { role, repositories: ['others/*'] })
    const there = await caller.call(method, await furnish(api, path), exampleOf(operation))
    const nothing = await caller.call(method, fillWithNothing(path), exampleOf(operation))
    expect([403, 404]).toContain(there.status)
    expect(nothing.status).toBe(there.status)
    expect(nothing.text).toBe(there.text)
  })

  test.each(allowed)('is let do $title', async ({ method, path, operation }) => {
    const answer = await (
      await callAs(api, { role })
    ).call(method, await furnish(api, path), exampleOf(operation))
    expect([200, 201, 202, 204, 422]).toContain(answer.status)
  })

  test('is named in the document where it is let, and nowhere else', () => {
    const named = guarded.filter(({ operation }) => operation['x-postern-needs']?.roles.includes(role))
    expect(named.map(({ title }) => title)).toEqual(allowed.map(({ title }) => title))
  })
})

test('a key of the role metrics sees no secret, no name of a customer and no address of a client', async () => {
  const { token } = await api.create({ name: 'Very Secret Customer' })
  const caller = await callAs(api, { role: 'metrics' })
  for (const { path } of guarded.filter((each) => each.method === 'GET' && MAY.metrics(each))) {
    const { status, text } = await caller.call('GET', `${await furnish(api, path)}?show_tokens=true`)
    expect(status).toBe(200)
    for (const word of [token, 'Very Secret Customer', '192.0.2.9']) expect(text).not.toContain(word)
  }
})

test('a key of the role viewer sees no secret', async () => {
  const { token } = await api.create()
  const caller = await callAs(api, { role: 'viewer' })
  for (const { path } of guarded.filter(MAY.viewer)) {
    const { text } = await caller.call('GET', `${await furnish(api, path)}?show_tokens=true`)
    expect(text).not.toContain(token)
  }
})

test('a key of the role admin is let do everything', () => {
  const others = guarded.filter(({ operation }) => !operation['x-postern-needs']?.roles.includes('admin'))
  expect(others).toEqual([])
  expect(ROLES).toEqual(['admin', ...Object.keys(MAY)])
})
