import { describe, expect, test } from 'vitest'
import { allRoutes } from '../../src/admin/all-routes.ts'
import type { AdminOptions } from '../../src/admin/app.ts'
import { ROLES, type Role } from '../../src/policy/roles.ts'
import { useApi, type Answered } from './api.ts'
import { callAs } from './call-as.ts'

const api = useApi()

const READERS: readonly Role[] = ['admin', 'entitlements', 'viewer']
const CHANGERS: readonly Role[] = ['admin', 'entitlements']
const ADMIN: readonly Role[] = ['admin']
const AUDITORS: readonly Role[] = ['admin', 'viewer']
const COUNTERS: readonly Role[] = ['admin', 'viewer', 'metrics']

/** Who may do what, written down once more: a route that is missing here fails. */
const EXPECTED: Readonly<Record<string, { readonly roles: readonly Role[]; readonly limited: boolean }>> = {
  'GET /user/self': { roles: ROLES, limited: true },
  'GET /rates/limits': { roles: ROLES, limited: true },
  'POST /console/session': { roles: ROLES, limited: true },
  'DELETE /console/session': { roles: ROLES, limited: true },
  'GET /repos': { roles: ROLES, limited: true },
  'GET /repos/:owner': { roles: ROLES, limited: true },
  'GET /repos/:owner/:repo': { roles: ROLES, limited: true },
  'GET /entitlements/:owner': { roles: READERS, limited: false },
  'POST /entitlements/:owner': { roles: CHANGERS, limited: false },
  'GET /entitlements/:owner/:repo': { roles: READERS, limited: true },
  'POST /entitlements/:owner/:repo': { roles: CHANGERS, limited: true },
  'POST /entitlements/:owner/:repo/sync': { roles: CHANGERS, limited: true },
  'POST /entitlements/:owner/:repo/bulk': { roles: CHANGERS, limited: true },
  'GET /entitlements/:owner/:repo/export': { roles: READERS, limited: true },
  'GET /entitlements/:owner/:repo/:slug_perm': { roles: READERS, limited: true },
  'PATCH /entitlements/:owner/:repo/:slug_perm': { roles: CHANGERS, limited: true },
  'DELETE /entitlements/:owner/:repo/:slug_perm': { roles: CHANGERS, limited: true },
  'POST /entitlements/:owner/:repo/:slug_perm/enable': { roles: CHANGERS, limited: true },
  'POST /entitlements/:owner/:repo/:slug_perm/disable': { roles: CHANGERS, limited: true },
  'POST /entitlements/:owner/:repo/:slug_perm/refresh': { roles: CHANGERS, limited: true },
  'POST /entitlements/:owner/:repo/:slug_perm/reset': { roles: CHANGERS, limited: true },
  'GET /entitlements/:owner/:repo/:slug_perm/eula': { roles: READERS, limited: true },
  'DELETE /entitlements/:owner/:repo/:slug_perm/eula': { roles: CHANGERS, limited: true },
  'POST /entitlements/:owner/:repo/:slug_perm/toggle-private-broadcasts': { roles: CHANGERS, limited: true },
  'GET /entitlements/:owner/:repo/:slug_perm/usage': { roles: COUNTERS, limited: true },
  'GET /entitlements/:owner/:repo/:slug_perm/clients': { roles: READERS, limited: true },
  'DELETE /entitlements/:owner/:repo/:slug_perm/clients/:address': { roles: CHANGERS, limited: true },
  'GET /entitlements/:owner/:repo/:slug_perm/packages': { roles: READERS, limited: true },
  'GET /metrics/entitlements/:owner': { roles: COUNTERS, limited: false },
  'GET /metrics/entitlements/:owner/:repo': { roles: COUNTERS, limited: true },
  'GET /metrics/packages/:owner/:repo': { roles: COUNTERS, limited: true },
  'GET /packages/:owner/:repo': { roles: COUNTERS, limited: true },
  'GET /usage/:owner': { roles: COUNTERS, limited: false },
  'GET /usage/:owner/:repo': { roles: COUNTERS, limited: true },
  'GET /usage/:owner/:repo/packages/:name': { roles: READERS, limited: true },
  'GET /downloads/:owner/:repo': { roles: READERS, limited: true },
  'POST /cache/purge': { roles: ADMIN, limited: true },
  'POST /explain': { roles: ADMIN, limited: false },
  'GET /keys': { roles: ADMIN, limited: false },
  'POST /keys': { roles: ADMIN, limited: false },
  'GET /keys/:slug_perm': { roles: ADMIN, limited: false },
  'PATCH /keys/:slug_perm': { roles: ADMIN, limited: false },
  'DELETE /keys/:slug_perm': { roles: ADMIN, limited: false },
  'POST /keys/:slug_perm/rotate': { roles: ADMIN, limited: false },
  'GET /audit-log': { roles: AUDITORS, limited: false },
  'GET /audit-log/:owner': { roles: AUDITORS, limited: false },
  'GET /audit-log/:owner/:repo': { roles: AUDITORS, limited: true },
  'GET /webhooks/:owner': { roles: ADMIN, limited: false },
  'POST /webhooks/:owner': { roles: ADMIN, limited: false },
  'GET /webhooks/:owner/:id': { roles: ADMIN, limited: false },
  'PATCH /webhooks/:owner/:id': { roles: ADMIN, limited: false },
  'DELETE /webhooks/:owner/:id': { roles: ADMIN, limited: false },
  'GET /webhooks/:owner/:id/deliveries': { roles: ADMIN, limited: false },
  'POST /webhooks/:owner/:id/deliveries/:delivery/resend': { roles: ADMIN, limited: false },
  'POST /webhooks/:owner/:id/ping': { roles: ADMIN, limited: false },
}

const routes = allRoutes({} as AdminOptions)
const operations = routes.flatMap((route) =>
  'methods' in route ? Object.keys(route.methods).map((method) => `${method} ${route.path}`) : [],
)

test('the routes that need no key are these', () => {
  const open = routes.flatMap((route) => ('open' in route ? [route.path] : []))
  expect(open).toEqual([
    '/healthz',
    '/readyz',
    '/metrics',
    '/status/check/basic',
    '/openapi.json',
    '/swagger',
    '/docs',
  ])
})

test('every other route is judged here', () => {
  expect(operations.toSorted()).toEqual(Object.keys(EXPECTED).toSorted())
})

/** A webhook of acme, and something on its way to it. */
async function newWebhook(): Promise<{ readonly id: string; readonly delivery: string }> {
  const made = await api.call('POST', '/webhooks/acme/', { target_url: 'https://example.com/' })
  const { slug_perm: id } = made.body as { slug_perm: string }
  const { body } = await api.call('POST', `/webhooks/acme/${id}/ping/`)
  return { id, delivery: (body as { slug_perm: string }).slug_perm }
}

const CLIENT = '192.0.2.9'

/** A download from that address. */
async function seeClient(token: string): Promise<void> {
  const clients = new Map([[CLIENT, 1]])
  await api.store.usage.record([{ token, downloads: 1, bytes: 1, clients, lastUsedAt: Date.now() }])
}

/** The EULA of its repository is accepted. */
async function accept(slugPerm: string): Promise<void> {
  const eulaAccepted = { 'acme/stable': { revision: 1, at: Date.now(), address: CLIENT } }
  const change = { eulaAccepted, updatedAt: Date.now(), updatedBy: 'customer' }
  await api.store.tokens.update('acme', 'stable', slugPerm, change)
}

/** True for what is about all repositories of an owner: whoever does not cover them finds nothing there. */
function isOfOwner(operation: string): boolean {
  return operation.includes(':owner') && !operation.includes(':repo')
}

/** Does the operation on something new, and tells what became of that. */
async function attempt(operation: string, caller: Awaited<ReturnType<typeof callAs>>) {
  const [method = '', route = ''] = operation.split(' ')
  const isAboutKeys = route.startsWith('/keys')
  const id = isAboutKeys ? (await callAs(api)).key.id : (await api.create()).slug_perm
  const webhook = route.startsWith('/webhooks') ? await newWebhook() : undefined
  const state = async (): Promise<unknown> => {
    const { call } = api
    if (webhook !== undefined) {
      const paths = [`${webhook.id}/`, '', `${webhook.id}/deliveries/`]
      return Promise.all(paths.map(async (each) => (await call('GET', `/webhooks/acme/${each}`)).text))
    }
    const [own, all] = isAboutKeys
      ? [`/keys/${id}/`, '/keys/?page_size=500']
      : [`/entitlements/acme/stable/${id}/`, '/entitlements/acme/stable/?page_size=500']
    const { body } = await call('GET', `${own}?show_tokens=true`)
    return [body, (await call('GET', all)).headers.get('x-pagination-count')]
  }
  if (route.includes('/clients')) await seeClient(id)
  if (route.endsWith('/eula')) await accept(id)
  const before = await state()
  const names = { owner: 'acme', repo: 'stable', slug_perm: id, address: CLIENT, name: 'hello', ...webhook }
  const path = Object.entries(names).reduce((text, [name, value]) => text.replace(`:${name}`, value), route)
  const bodies: Readonly<Record<string, unknown>> = {
    '/cache/purge': { repository: 'acme/stable' },
    '/entitlements/:owner/:repo/bulk': [{ slug_perm: id, limit_num_clients: 7 }],
  }
  const body = bodies[route]
  const answer = await caller.call(method, `${path}/`, method === 'GET' ? undefined : body)
  return { answer, isUntouched: JSON.stringify(before) === JSON.stringify(await state()) }
}

/** What every key of a known role may ask, wherever it covers anything: the answer has no more than that. */
const FILTERED: ReadonlySet<string> = new Set(['GET /repos', 'GET /repos/:owner'])
const OPEN_TO_ANY_KEY: ReadonlySet<string> = new Set([
  'GET /user/self',
  'GET /rates/limits',
  'POST /console/session',
  'DELETE /console/session',
])

/** It was let through to the operation, which may want more of the body than there was. */
const isDone = ({ status }: Answered): boolean => status < 300 || status === 422

describe.each(operations)('%s', (operation) => {
  const { roles, limited } = EXPECTED[operation] ?? { roles: [], limited: false }

  test.each(ROLES)('answers a key of the role %s as it should', async (role) => {
    const everywhere = await attempt(operation, await callAs(api, { role }))
    const inside = await attempt(operation, await callAs(api, { role, repositories: ['acme/st*'] }))
    const isAllowed = roles.includes(role)
    expect(isDone(everywhere.answer)).toBe(isAllowed)
    expect(isDone(inside.answer)).toBe(isAllowed && limited)
    for (const { answer, isUntouched } of [everywhere, inside]) {
      if (isDone(answer)) continue
      const isHidden = answer === inside.answer && isOfOwner(operation)
      expect(answer.status).toBe(isHidden ? 404 : 403)
      const code = isHidden ? 'not_found' : 'permission_denied'
      expect(answer.body).toMatchObject({ detail: expect.any(String), code })
      expect(isUntouched).toBe(true)
    }
  })

  test.each(ROLES)('shows a key of the role %s nothing outside its repositories', async (role) => {
    for (const repositories of [['acme/other', 'other/*'], []]) {
      const { answer, isUntouched } = await attempt(operation, await callAs(api, { role, repositories }))
      expect(isUntouched).toBe(true)
      expect(answer.text).not.toContain('stable')
      if (FILTERED.has(operation) && answer.status === 200) continue
      expect(OPEN_TO_ANY_KEY.has(operation) ? [200, 204] : [403, 404]).toContain(answer.status)
      const asIfMissing = (await api.call('GET', '/entitlements/acme/nothing/')).body
      expect(answer.body).toEqual(operation.includes(':owner') ? asIfMissing : answer.body)
    }
  })

  test.each(['', 'owner', '__proto__'])('refuses a key of the unknown role %j', async (role) => {
    const { answer } = await attempt(operation, await callAs(api, { role }))
    expect(OPEN_TO_ANY_KEY.has(operation) ? [200, 204] : [403]).toContain(answer.status)
  })
})
