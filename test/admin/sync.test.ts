import { describe, expect, test } from 'vitest'
import { MOST_SYNCED } from '../../src/admin/token-sync.ts'
import type { Store } from '../../src/store/contract.ts'
import { inGroups } from '../../src/store/slices.ts'
import { newToken } from '../store/conformance/fixtures.ts'
import { fieldsOf, startApi, TOKENS, type Answered, type Api, type Json } from './api.ts'
import { describeOnBothStores } from './both-stores.ts'
import { callAs } from './call-as.ts'

const OTHER = '/entitlements/acme/other/'
const SYNC = `${OTHER}sync/?show_tokens=True`

function tokensOf({ status, body, text }: Answered): readonly Json[] {
  if (status !== 200) throw new Error(`The answer is ${status}: ${text}`)
  return (body as { readonly tokens: readonly Json[] }).tokens
}

async function list(api: Api, path: string): Promise<readonly Json[]> {
  return (await api.call('GET', `${path}?page_size=500&show_tokens=true`)).body as readonly Json[]
}

async function clear(api: Api): Promise<void> {
  for (const path of [TOKENS, OTHER]) {
    for (const { slug_perm } of await list(api, path))
      await api.call('DELETE', `${path}${String(slug_perm)}/`)
  }
}

describeOnBothStores((api) => {
  const createIn = async (path: string, fields: Json): Promise<Json> =>
    (await api.call('POST', `${path}?show_tokens=true`, { name: 'Customer', ...fields })).body as Json
  const sync = (body: unknown = { source: 'stable' }): Promise<Answered> => api.call('POST', SYNC, body)

  test('the copies have all settings and secrets, new ids, counters at zero; the old tokens are gone', async () => {
    await clear(api)
    const settings = {
      name: 'Example Ltd',
      is_active: false,
      limit_num_downloads: 5,
      limit_bandwidth: 3,
      limit_bandwidth_unit: 'Gigabyte',
      limit_packages: ['widget@>=1'],
      limit_networks: ['192.0.2.0/24'],
      limit_date_range_from: '2030-01-01T00:00:00.000Z',
      limit_date_range_to: '2031-01-01T00:00:00.000Z',
      starts_on_first_download: true,
      scheduled_reset_period: 'Monthly',
      scheduled_reset_at: '2029-01-31T00:00:00.000Z',
      metadata: { licence: 'L-1' },
    }
    const original = await api.create(settings)
    const usage = {
      downloads: 2,
      bytes: 10,
      clients: new Map([['192.0.2.1', 2]]),
      lastUsedAt: Date.UTC(2030, 0, 2),
    }
    await api.store.usage.record([{ token: original.slug_perm, ...usage }])
    const old = await createIn(OTHER, { name: 'Old', token: 'an-old-secret' })
    const [copy, ...others] = tokensOf(await sync())
    expect(others).toEqual([])
    expect(copy).toMatchObject({ ...settings, token: original.token, downloads: 0, clients: 0, bandwidth: 0 })
    expect(copy).toMatchObject({ created_by: 'Operations', updated_at: null })
    expect(copy?.['slug_perm']).not.toBe(original.slug_perm)
    expect(copy?.['self_url']).toBe(`${api.url}${OTHER}${String(copy?.['slug_perm'])}/`)
    expect(await list(api, OTHER)).toEqual([copy])
    expect((await api.call('GET', `${OTHER}${String(old['slug_perm'])}/`)).status).toBe(404)
    expect(await api.store.tokens.find(api.keeper.digest('an-old-secret'))).toEqual([])
    expect(await api.read(original.slug_perm)).toMatchObject({ token: original.token, name: 'Example Ltd' })
  })

  test('secrets are shown only when asked for', async () => {
    await clear(api)
    await api.create({ token: 'shown-when-asked' })
    const { text } = await api.call('POST', `${OTHER}sync/`, { source: 'stable' })
    expect(text).not.toContain('shown-when-asked')
  })

  test('a secret that stands in both repositories is no conflict', async () => {
    await clear(api)
    await api.create({ token: 'in-both-places' })
    await createIn(OTHER, { token: 'in-both-places' })
    expect(tokensOf(await sync()).map(({ token }) => token)).toEqual(['in-both-places'])
    expect(tokensOf(await sync()).map(({ token }) => token)).toEqual(['in-both-places'])
  })

  test('a previous secret goes on working, and a window that has begun does not begin anew', async () => {
    await clear(api)
    const { slug_perm, token } = await api.create({
      limit_date_range_from: '2030-01-01',
      limit_date_range_to: '2030-02-01',
      starts_on_first_download: true,
    })
    await api.call('POST', `${TOKENS}${slug_perm}/refresh/`, { previous_secret_valid_for: 3600 })
    await api.store.tokens.noteFirstDownload('acme', 'stable', slug_perm, Date.UTC(2030, 0, 1, 12))
    const [copy] = tokensOf(await sync())
    expect(copy).toMatchObject({
      previous_secret_valid_until: '2030-01-01T01:00:00.000Z',
      previous_secret_last_used_at: null,
      first_download_at: '2030-01-01T12:00:00.000Z',
      expires_at: '2030-02-01T12:00:00.000Z',
    })
    expect(await api.store.tokens.find(api.keeper.digest(token))).toHaveLength(2)
  })

  test('a list of repositories that names the source names the target in the copy; other globs stay', async () => {
    await clear(api)
    await api.create({ name: 'a', repositories: ['acme/stable', 'acme/tools', 'acme/s*'] })
    await api.create({ name: 'b', repositories: [] })
    await api.create({ name: 'c', repositories: ['acme/stable', 'acme/other'] })
    expect(tokensOf(await sync()).map(({ repositories }) => repositories)).toEqual([
      ['acme/other', 'acme/tools', 'acme/s*'],
      [],
      ['acme/other'],
    ])
  })

  test('the audit log has the sync, who asked for it, and each token', async () => {
    await clear(api)
    await api.create()
    const [{ slug_perm: copied } = {}] = tokensOf(await sync())
    const entries = (await api.call('GET', '/audit-log/acme/other/?page_size=2')).body as readonly Json[]
    const event = (name: string): Json | undefined => entries.find((entry) => entry['event'] === name)
    expect(event('repo.token_synced')).toMatchObject({
      actor: 'Operations',
      object: 'other',
      object_kind: 'repository',
      target: 'acme/other',
      changes: { source: { before: null, after: 'acme/stable' }, tokens: { before: 0, after: 1 } },
    })
    expect(event('repo.entitlement.created')).toMatchObject({ object_slug_perm: copied, actor: 'Operations' })
  })

  test.each<[unknown, string]>([
    [{}, 'This field is required.'],
    [{ source: null }, 'This field may not be null.'],
    [{ source: 5 }, 'This field must be text.'],
    [{ source: ['stable'] }, 'This field must be text.'],
    [{ source: '' }, 'This field must be the name of another repository of the same owner.'],
    [{ source: 'acme/stable' }, 'This field must be the name of another repository of the same owner.'],
    [{ source: '../stable' }, 'This field must be the name of another repository of the same owner.'],
    [{ source: 'x'.repeat(90_000) }, 'There is no such repository.'],
    [{ source: 'other' }, 'This is the repository itself.'],
  ])('%j is refused at its field, and nothing changes', async (body, message) => {
    await clear(api)
    await createIn(OTHER, { name: 'kept' })
    const before = await list(api, OTHER)
    const answer = await sync(body)
    expect([404, 422]).toContain(answer.status)
    expect((answer.body as { fields: unknown }).fields).toEqual({ source: [message] })
    expect(await list(api, OTHER)).toEqual(before)
  })

  test('an empty body names no source', async () => {
    expect(fieldsOf(await api.call('POST', SYNC))).toEqual({ source: ['This field is required.'] })
  })

  test('unknown fields are refused', async () => {
    expect(fieldsOf(await sync({ source: 'stable', force: true }))).toEqual({
      non_field_errors: ['There is no such field.'],
    })
  })

  test('an empty source is refused: it would lock all customers out', async () => {
    await clear(api)
    await createIn(OTHER, { name: 'kept' })
    expect(fieldsOf(await sync())['source']?.[0]).toContain('has no tokens')
    expect((await list(api, OTHER)).map(({ name }) => name)).toEqual(['kept'])
  })

  test('a source that the key does not cover is not there, nor one of another owner', async () => {
    await clear(api)
    await api.create({ name: 'not theirs' })
    await createIn(OTHER, { name: 'kept' })
    const { call } = await callAs(api, { repositories: ['acme/other'] })
    const hidden = await call('POST', SYNC, { source: 'stable' })
    const missing = await call('POST', SYNC, { source: 'nothing' })
    expect([hidden.status, hidden.body]).toEqual([404, missing.body])
    expect(hidden.body).toMatchObject({
      code: 'not_found',
      fields: { source: ['There is no such repository.'] },
    })
    expect((await list(api, OTHER)).map(({ name }) => name)).toEqual(['kept'])
  })

  test.each(['source', 'target'] as const)(
    'a token of the %s that opens more than the key covers is a reason to refuse',
    async (place) => {
      await clear(api)
      await api.create(place === 'source' ? { repositories: ['acme/stable', 'other/secret'] } : {})
      await createIn(OTHER, place === 'target' ? { name: 'kept', repositories: ['*/*'] } : { name: 'kept' })
      const { call } = await callAs(api, { repositories: ['acme/*'] })
      const answer = await call('POST', SYNC, { source: 'stable' })
      expect([answer.status, answer.body]).toEqual([
        403,
        {
          detail: 'A token of one of the repositories opens more than your key covers.',
          code: 'permission_denied',
        },
      ])
      expect((await list(api, OTHER)).map(({ name }) => name)).toEqual(['kept'])
    },
  )

  test('a key that covers both repositories and nothing else may', async () => {
    await clear(api)
    await api.create({ token: 'seen-by-the-narrow' })
    const { call } = await callAs(api, { role: 'entitlements', repositories: ['acme/stable', 'acme/other'] })
    const [copy] = tokensOf(await call('POST', SYNC, { source: 'stable' }))
    expect(copy).toMatchObject({ token: 'seen-by-the-narrow', created_by: 'Caller' })
  })

  test('as many as are allowed are copied, and one more is refused', { timeout: 60_000 }, async () => {
    await clear(api)
    await fill(api.store, MOST_SYNCED)
    for (let turn = 0; turn < 2; turn++) {
      // On a busy machine a store may ask for patience, as clients have it: they send the same once more.
      await expect.poll(async () => (await sync()).status).toBe(200)
      expect((await api.call('GET', OTHER)).headers.get('x-pagination-count')).toBe(String(MOST_SYNCED))
    }
    await fill(api.store, 1)
    expect(fieldsOf(await sync())['source']?.[0]).toContain(`At most ${MOST_SYNCED} tokens`)
  })
})

/** Puts so many tokens into acme/stable, some at a time. */
async function fill({ tokens }: Store, count: number): Promise<void> {
  const made = Array.from({ length: count }, () => newToken({ repo: 'stable', repositories: null }))
  for (const some of inGroups(made, 50)) await Promise.all(some.map((token) => tokens.create(token)))
}

describe('paths around it', () => {
  test('sync is no token', async () => {
    await using api = await startApi()
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await api.call(method, `${OTHER}sync/`)).status).toBe(405)
    }
    expect((await api.call('POST', '/entitlements/acme/nothing/sync/', { source: 'stable' })).status).toBe(
      404,
    )
  })
})
