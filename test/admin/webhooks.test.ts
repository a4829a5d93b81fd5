import { describe, expect, test } from 'vitest'
import { fieldsOf, useApi, type Json } from './api.ts'

const api = useApi()
const HOOKS = '/webhooks/acme/'
const TARGET = 'https://hooks.example.com/very-secret-path'

async function create(
  fields: Json = {},
): Promise<Json & { readonly slug_perm: string; readonly secret: string }> {
  const answer = await api.call('POST', HOOKS, { target_url: TARGET, ...fields })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body as Json & { slug_perm: string; secret: string }
}

test('a webhook is made with defaults, and its secret is shown this once', async () => {
  const { secret, ...made } = await create()
  expect(secret).toMatch(/^whsec[0-9A-Za-z]{40}$/)
  expect(made).toMatchObject({
    target_url: TARGET,
    events: ['*'],
    repositories: null,
    is_active: true,
    created_by: 'Operations',
    updated_at: null,
    self_url: `${api.url}${HOOKS}${made.slug_perm}/`,
  })
  const read = await api.call('GET', `${HOOKS}${made.slug_perm}/`)
  expect(read.body).toEqual(made)
  expect((await api.call('GET', HOOKS)).body).toContainEqual(made)
  const stored = await api.store.webhooks.read('acme', made.slug_perm)
  expect(stored?.sealedSecret).not.toContain(secret)
  expect(api.keeper.unseal(stored?.sealedSecret ?? '')).toBe(secret)
})

test('a change sets what is sent, and only a rotation shows a secret', async () => {
  const { slug_perm, secret } = await create()
  const changed = await api.call('PATCH', `${HOOKS}${slug_perm}/`, {
    events: ['token.created'],
    is_active: false,
  })
  expect(changed.body).toMatchObject({
    events: ['token.created'],
    is_active: false,
    updated_by: 'Operations',
  })
  expect(changed.body).not.toHaveProperty('secret')
  const rotated = await api.call('PATCH', `${HOOKS}${slug_perm}/`, { rotate_secret: true })
  const next = (rotated.body as { secret: string }).secret
  expect(next).not.toBe(secret)
  const stored = await api.store.webhooks.read('acme', slug_perm)
  expect(api.keeper.unseal(stored?.sealedSecret ?? '')).toBe(next)
})

test('each change leaves a line, without secret and path', async () => {
  const { slug_perm, secret } = await create()
  await api.call('PATCH', `${HOOKS}${slug_perm}/`, { is_active: false, rotate_secret: true })
  await api.call('PATCH', `${HOOKS}${slug_perm}/`, {})
  await api.call('DELETE', `${HOOKS}${slug_perm}/`)
  const { body, text } = await api.call('GET', `/audit-log/acme/?object=${slug_perm}`)
  const entries = body as readonly Json[]
  expect(entries.map((entry) => entry['event'])).toEqual([
    'webhook.deleted',
    'webhook.updated',
    'webhook.created',
  ])
  expect(entries[1]).toMatchObject({
    object_kind: 'webhook',
    changes: {
      is_active: { before: true, after: false },
      token: { before: '*'.repeat(16), after: '*'.repeat(16) },
    },
  })
  expect(text).not.toContain('very-secret-path')
  expect(text).not.toContain(secret)
})

test('a deleted webhook is gone', async () => {
  const { slug_perm } = await create()
  expect((await api.call('DELETE', `${HOOKS}${slug_perm}/`)).status).toBe(204)
  for (const [method, path] of [
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', 'ping/'],
    ['GET', 'deliveries/'],
  ] as const) {
    expect((await api.call(method, `${HOOKS}${slug_perm}/${path}`)).status).toBe(404)
  }
})

describe('refused is', () => {
  test.each<[Json, string, RegExp]>([
    [{}, 'target_url', /required/],
    [{ target_url: 7 }, 'target_url', /text/],
    [{ target_url: 'http://example.com/' }, 'target_url', /https/],
    [{ target_url: 'https://127.0.0.1/' }, 'target_url', /public/],
    [{ target_url: 'https://[::1]/' }, 'target_url', /public/],
    [{ target_url: 'https://a:b@example.com/' }, 'target_url', /credentials/],
    [{ target_url: TARGET, events: [] }, 'events', /at least one/],
    [{ target_url: TARGET, events: ['token.create'] }, 'events', /did you mean token\.created/],
    [{ target_url: TARGET, events: ['token.created', 'x'] }, 'events', /^\[1\] There is no such event/],
    [{ target_url: TARGET, events: ['token.created', 1] }, 'events', /^\[1\] This field must be text/],
    [{ target_url: TARGET, events: 'token.created' }, 'events', /list/],
    [{ target_url: TARGET, repositories: ['acme'] }, 'repositories', /owner\/repo/],
    [{ target_url: TARGET, repositories: ['a/b', 'acme'] }, 'repositories', /^\[1\] "acme"/],
    [
      { target_url: TARGET, repositories: ['acme/*', 'globex/*'] },
      'repositories',
      /^\[1\] No repository of acme/,
    ],
    [{ target_url: TARGET, is_active: 1 }, 'is_active', /true or false/],
    [{ target_url: TARGET, secret: 'mine' }, 'non_field_errors', /no such field/],
    [{ target_url: TARGET, rotate_secret: true }, 'non_field_errors', /no such field/],
  ])('%j', async (body, field, message) => {
    const before = (await api.store.webhooks.list(null)).length
    const fields = fieldsOf(await api.call('POST', HOOKS, body))
    expect(fields[field]?.[0]).toMatch(message)
    expect(await api.store.webhooks.list(null)).toHaveLength(before)
  })

  test('an owner of whom nothing is configured, and another owner’s webhook', async () => {
    const { slug_perm } = await create()
    expect((await api.call('GET', '/webhooks/other/')).status).toBe(404)
    expect((await api.call('GET', `/webhooks/other/${slug_perm}/`)).status).toBe(404)
    expect((await api.call('GET', `${HOOKS}a%2fb/`)).status).toBe(404)
    expect((await api.send(HOOKS)).status).toBe(401)
  })
})

describe('deliveries', () => {
  test('of a ping are there at once, waiting, and are listed without the body', async () => {
    const { slug_perm } = await create({ events: ['token.created'] })
    const pinged = await api.call('POST', `${HOOKS}${slug_perm}/ping/`)
    expect(pinged.status).toBe(202)
    const { body, headers } = await api.call('GET', `${HOOKS}${slug_perm}/deliveries/?state=waiting`)
    expect(body).toEqual([pinged.body])
    expect(headers.get('x-pagination-count')).toBe('1')
    expect(pinged.body).toMatchObject({ state: 'waiting', event: 'ping', repository: null, attempts: 0 })
  })

  test('are sent again by hand, which leaves a line', async () => {
    const { slug_perm } = await create()
    const pinged = (await api.call('POST', `${HOOKS}${slug_perm}/ping/`)).body as { slug_perm: string }
    const path = `${HOOKS}${slug_perm}/deliveries/${pinged.slug_perm}/resend/`
    const now = Date.UTC(2030, 0, 1)
    const [claimed] = await api.store.events.claim(now, now, 1, [])
    if (claimed === undefined) throw new Error('not claimed')
    await api.store.events.finish(claimed, { state: 'dead', dueAt: now, lastStatus: 500, lastError: 'No.' })
    const { status, body } = await api.call('POST', path)
    expect([status, (body as Json)['state']]).toEqual([200, 'waiting'])
    const { body: log } = await api.call('GET', `/audit-log/acme/?object=${slug_perm}&event=webhook.resent`)
    expect(log).toHaveLength(1)
  })

  test('that are not there, or are of another webhook, can’t be', async () => {
    const [mine, other] = [await create(), await create()]
    const pinged = (await api.call('POST', `${HOOKS}${other.slug_perm}/ping/`)).body as { slug_perm: string }
    for (const id of [pinged.slug_perm, 'nothing']) {
      expect((await api.call('POST', `${HOOKS}${mine.slug_perm}/deliveries/${id}/resend/`)).status).toBe(404)
    }
  })

  test('of a state that there is not are refused', async () => {
    const { slug_perm } = await create()
    const answer = await api.call('GET', `${HOOKS}${slug_perm}/deliveries/?state=lost`)
    expect(fieldsOf(answer)['state']?.[0]).toMatch(/waiting, delivered, dead/)
  })
})
