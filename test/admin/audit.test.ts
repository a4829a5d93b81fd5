import { describe, expect, test } from 'vitest'
import { showChanges } from '../../src/policy/shown-fields.ts'
import { TOKEN_FIELDS } from '../../src/admin/token-fields.ts'
import { fieldsOf, KEY, TOKENS, useApi, type Json } from './api.ts'

const api = useApi()

async function list(query = '', path = '/audit-log/acme/stable/'): Promise<readonly Json[]> {
  const { status, body, text } = await api.call('GET', `${path}${query}`)
  if (status !== 200) throw new Error(`The answer is ${status}: ${text}`)
  return body as readonly Json[]
}

async function entriesOf(slugPerm: string): Promise<readonly Json[]> {
  return list(`?object=${slugPerm}`)
}

const TOKEN = { object_kind: 'entitlement', target: 'acme/stable', target_kind: 'repository' }

describe('each change of a token leaves a line', () => {
  const changes: readonly (readonly [string, string, string, Json | undefined])[] = [
    ['PATCH', '', 'repo.entitlement.updated', { limit_num_downloads: 5 }],
    ['PATCH', '', 'repo.entitlement.disabled', { is_active: false }],
    ['PATCH', '', 'repo.entitlement.secret_updated', { token: 'another-secret-1' }],
    ['POST', 'refresh/', 'repo.entitlement.secret_updated', undefined],
    ['POST', 'enable/', 'repo.entitlement.enabled', undefined],
    ['POST', 'disable/', 'repo.entitlement.disabled', undefined],
    ['POST', 'reset/', 'repo.entitlement.reset', undefined],
    ['DELETE', '', 'repo.entitlement.deleted', undefined],
  ]
  test.each(changes)('%s %s: %s', async (method, path, event, body) => {
    const { slug_perm } = await api.create()
    await api.call(method, `${TOKENS}${slug_perm}/${path}`, body)
    const entries = await entriesOf(slug_perm)
    expect(entries.map((entry) => entry['event'])).toEqual([event, 'repo.entitlement.created'])
    expect(entries[0]).toMatchObject({
      ...TOKEN,
      object: 'Customer',
      object_slug_perm: slug_perm,
      actor: 'Operations',
      actor_kind: 'api_key',
      actor_ip_address: '127.0.0.1',
      context: 'api',
      user_agent: 'node',
    })
  })

  test('and what is refused leaves none', async () => {
    const { slug_perm } = await api.create()
    await api.call('PATCH', `${TOKENS}${slug_perm}/`, { limit_num_downloads: -1 })
    await api.call('PATCH', `${TOKENS}${slug_perm}/`, {})
    await api.send(`${TOKENS}${slug_perm}/`, { method: 'DELETE' })
    await api.call('POST', `${TOKENS}${slug_perm}/reset/`, { downloads: 1 })
    expect(await entriesOf(slug_perm)).toHaveLength(1)
  })
})

test('a line has the fields that changed under the names of the API, instants as text', async () => {
  const { slug_perm } = await api.create({ limit_date_range_to: '2031-01-01', clients_window: 60 })
  await api.call('PATCH', `${TOKENS}${slug_perm}/`, {
    limit_date_range_to: null,
    clients_window: 120,
    limit_networks: ['203.0.113.0/24'],
  })
  const [entry] = await entriesOf(slug_perm)
  expect(entry?.['changes']).toEqual({
    limit_date_range_to: { before: '2031-01-01T00:00:00.000Z', after: null },
    clients_window: { before: 60, after: 120 },
    limit_networks: { before: null, after: ['203.0.113.0/24'] },
  })
})

test('no line has a secret or a key in it, in whatever form', async () => {
  const { slug_perm, token } = await api.create({ token: 'secret-number-one' })
  await api.call('PATCH', `${TOKENS}${slug_perm}/`, { token: 'secret-number-two' })
  await api.call('POST', `${TOKENS}${slug_perm}/refresh/`, {
    token: 'secret-number-three',
    previous_secret_valid_for: 60,
  })
  await api.call('DELETE', `${TOKENS}${slug_perm}/`)
  const text = JSON.stringify(await entriesOf(slug_perm))
  for (const secret of [KEY, token, 'secret-number-two', 'secret-number-three']) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(api.keeper.digest(secret))
  }
  expect(text).toContain('"token":{"before":"****************","after":"****************"}')
})

test('a purge of the cache leaves a line before it is made', async () => {
  await api.call('POST', '/cache/purge/', { repository: 'acme/stable', path: 'dists' })
  await api.call('POST', '/cache/purge/', {})
  const [all, one] = await list('?event=cache.purged', '/audit-log/')
  expect(one).toMatchObject({ object: 'dists', object_kind: 'cache', target: 'acme/stable' })
  expect(all).toMatchObject({ object: null, target: null, target_kind: null })
})

test('a list comes in pages with Cloudsmith’s headers, links keep the filter', async () => {
  const { slug_perm } = await api.create()
  for (let count = 0; count < 4; count++) await api.call('POST', `${TOKENS}${slug_perm}/disable/`)
  const query = `query=object:${slug_perm} AND event:repo.entitlement.disabled`
  const { headers, body } = await api.call('GET', `/audit-log/acme/?${query}&page=2&page_size=3`)
  expect(body).toHaveLength(1)
  expect(headers.get('x-pagination-count')).toBe('4')
  expect(headers.get('x-pagination-pagetotal')).toBe('2')
  const previous = /<([^>]*)>; rel="prev"/.exec(headers.get('link') ?? '')?.[1] ?? ''
  expect(previous).toContain('/audit-log/acme/?page=1&page_size=3')
  const { body: first } = await api.call('GET', previous.slice(api.url.length))
  expect(first).toHaveLength(3)
})

describe('the filter', () => {
  test.each([
    ['', 2],
    ['actor=Operations', 2],
    ['actor=nobody', 0],
    ['event=repo.entitlement.created', 1],
    ["query=actor:'Operations' event:repo.entitlement.enabled", 1],
    ['query=event_at:>2030-01-01T00:00:00.000Z', 0],
    ['query=event_at:>=2030-01-01 AND event_at:<=2030-01-01T00:00:00Z', 2],
    ['since=2030-01-01&until=2030-01-01T00:00:00.001Z', 2],
    ['until=2030-01-01', 0],
  ])('%s finds %i lines', async (query, count) => {
    const { slug_perm } = await api.create()
    await api.call('POST', `${TOKENS}${slug_perm}/enable/`)
    expect(await list(`?object=${slug_perm}&${query}`)).toHaveLength(count)
  })

  test.each([
    ['event=repo.entitlement.create', 'event', /did you mean repo\.entitlement\.created/],
    ['since=soon', 'since', /instant/],
    ['query=actr:x', 'query', /did you mean actor/],
    ['query=Operations', 'query', /^At character 1:/],
    ['query=actor:a actor:b', 'query', /Only one actor/],
    ['query=event_at:2030-01-01', 'query', /needs >/],
    ['query=actor:a OR event:b', 'query', /^At character 9:/],
    [`query=actor:${'a'.repeat(2000)}`, 'query', /At most 1024/],
    ['since=2030-01-02&until=2030-01-01', 'until', /^This must lie after since/],
    ['since=2030-01-01&until=2030-01-01', 'until', /^This must lie after since/],
    ['query=event_at:>2030-01-02 event_at:<2030-01-01', 'query', /^No instant lies between/],
    ['since=2030-01-02&query=event_at:<2030-01-01', 'query', /^No instant lies between/],
  ])('%s is refused: an unfiltered list would pass for an answer', async (query, field, message) => {
    const answer = await api.call('GET', `/audit-log/acme/?${query}`)
    expect(fieldsOf(answer)[field]?.[0]).toMatch(message)
  })
})

test('an owner that nobody has is empty, a name that can’t be one is not found', async () => {
  expect(await list('', '/audit-log/nobody/')).toEqual([])
  expect((await api.call('GET', '/audit-log/a%2fb/')).status).toBe(404)
  expect((await api.call('POST', '/audit-log/acme/')).status).toBe(405)
  expect((await api.send('/audit-log/acme/')).status).toBe(401)
})

test('every field that can be set on a token has its name of the API in the log', () => {
  for (const [name, { property }] of TOKEN_FIELDS) {
    expect(Object.keys(showChanges({ [property]: [null, null] }))).toEqual([name])
  }
})
