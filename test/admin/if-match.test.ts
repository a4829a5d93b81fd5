import { describe, expect, test } from 'vitest'
import { etagOf, readIfMatch } from '../../src/admin/etag.ts'
import { newToken } from '../store/conformance/fixtures.ts'
import { KEY, TOKENS, useApi, type Answered, type Api, type Json } from './api.ts'
import { describeOnBothStores } from './both-stores.ts'

const CHANGED = {
  detail:
    'The token is not the one that If-Match names: it was changed since. Nothing was changed now; read it again.',
  code: 'precondition_failed',
}

/** Every change of one token, and whether another ETag follows. */
const EDITS: readonly (readonly [string, string, Json | undefined, 'changes' | 'keeps' | 'ends'])[] = [
  ['PATCH', '', { name: 'Renamed' }, 'changes'],
  ['DELETE', '', undefined, 'ends'],
  ['POST', 'enable/', undefined, 'changes'],
  ['POST', 'disable/', undefined, 'changes'],
  ['POST', 'refresh/', undefined, 'changes'],
  ['POST', 'reset/', undefined, 'keeps'],
]

function send(api: Api, method: string, path: string, ifMatch?: string, body?: Json): Promise<Answered> {
  return api.send(path, {
    method,
    headers: {
      'X-Api-Key': KEY,
      'Content-Type': 'application/json',
      ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function tagOf(api: Api, slugPerm: string): Promise<string> {
  return (await api.call('GET', `${TOKENS}${slugPerm}/`)).headers.get('etag') ?? 'none'
}

describeOnBothStores((api) => {
  describe.each(EDITS)('%s %s', (method, path, body, effect) => {
    test('with the ETag that was read is done', async () => {
      const { slug_perm } = await api.create()
      const tag = await tagOf(api, slug_perm)
      api.setNow(Date.UTC(2030, 0, 2))
      const answer = await send(api, method, `${TOKENS}${slug_perm}/${path}`, tag, body)
      expect(answer.status).toBeLessThan(300)
      if (effect === 'ends') return
      expect(answer.headers.get('etag')).toBe(await tagOf(api, slug_perm))
      expect((await tagOf(api, slug_perm)) === tag).toBe(effect === 'keeps')
    })

    test('after somebody else changed the token is a 412, and changes nothing', async () => {
      const { slug_perm } = await api.create()
      await api.store.usage.record([
        { token: slug_perm, downloads: 2, bytes: 1, clients: new Map([['192.0.2.1', 2]]), lastUsedAt: 1 },
      ])
      const tag = await tagOf(api, slug_perm)
      await api.call('PATCH', `${TOKENS}${slug_perm}/`, { limit_num_clients: 9 })
      const before = await api.read(slug_perm)
      const answer = await send(api, method, `${TOKENS}${slug_perm}/${path}`, tag, body)
      expect([answer.status, answer.body]).toEqual([412, CHANGED])
      expect(await api.read(slug_perm)).toEqual(before)
    })

    test('with * is done, and on what is not there it is a 404', async () => {
      const { slug_perm } = await api.create()
      expect((await send(api, method, `${TOKENS}${slug_perm}/${path}`, '*', body)).status).toBeLessThan(300)
      expect((await send(api, method, `${TOKENS}01J0000000/${path}`, '*', body)).status).toBe(404)
    })

    test('with what is no entity tag is a 400, and changes nothing', async () => {
      const before = await api.create()
      const tag = (await tagOf(api, before.slug_perm)).replaceAll('"', '')
      for (const value of [tag, `"${tag}`, `"${tag}" "x"`, '*, "x"', 'W/*', ',']) {
        const answer = await send(api, method, `${TOKENS}${before.slug_perm}/${path}`, value, body)
        expect([answer.status, (answer.body as Json)['detail']]).toEqual([
          400,
          'If-Match must be * or entity tags in double quotes, as ETag has them.',
        ])
      }
      expect(await api.read(before.slug_perm)).toEqual(before)
    })
  })

  test.each(['PATCH', 'DELETE', 'POST refresh/'])(
    'of ten %s at once with one ETag, one is done',
    async (edit) => {
      const { slug_perm } = await api.create()
      const tag = await tagOf(api, slug_perm)
      const [method = '', path = ''] = edit.split(' ')
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          send(
            api,
            method,
            `${TOKENS}${slug_perm}/${path}`,
            tag,
            method === 'PATCH' ? { limit_num_downloads: index } : undefined,
          ),
        ),
      )
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status < 300)).toHaveLength(1)
      // Who comes after a deletion finds nothing.
      expect(statuses.filter((status) => status === 412 || status === 404)).toHaveLength(9)
      const entries = await api.call('GET', `/audit-log/acme/stable/?object=${slug_perm}`)
      expect(entries.headers.get('x-pagination-count')).toBe('2')
    },
  )

  test('downloads do not change the tag; a first download that begins the window does', async () => {
    const { slug_perm } = await api.create({
      limit_date_range_from: '2030-01-01',
      limit_date_range_to: '2030-02-01',
      starts_on_first_download: true,
    })
    const tag = await tagOf(api, slug_perm)
    await api.store.usage.record([
      { token: slug_perm, downloads: 1, bytes: 1, clients: new Map([['192.0.2.1', 1]]), lastUsedAt: 1 },
    ])
    const use = { owner: 'acme', repo: 'stable', slugPerm: slug_perm, at: 5 }
    const [stored] = [await api.store.tokens.read('acme', 'stable', slug_perm)]
    await api.store.tokens.noteUse([{ ...use, digest: stored?.digest ?? '' }])
    expect(await tagOf(api, slug_perm)).toBe(tag)
    await api.store.tokens.noteFirstDownload('acme', 'stable', slug_perm, 7)
    expect(await tagOf(api, slug_perm)).not.toBe(tag)
  })

  test('an empty change and one that is refused judge the tag first', async () => {
    const { slug_perm } = await api.create()
    expect((await send(api, 'PATCH', `${TOKENS}${slug_perm}/`, '"x"', {})).status).toBe(412)
    expect((await send(api, 'PATCH', `${TOKENS}${slug_perm}/`, '"x"', { name: '' })).status).toBe(412)
    const { status, headers } = await send(
      api,
      'PATCH',
      `${TOKENS}${slug_perm}/`,
      await tagOf(api, slug_perm),
      {},
    )
    expect([status, headers.get('etag')]).toEqual([200, await tagOf(api, slug_perm)])
  })
})

describe('elsewhere', () => {
  const api = useApi()

  test('a creation answers with the tag, HEAD as GET, and a list with none', async () => {
    const created = await api.call('POST', TOKENS, { name: 'x' })
    const { slug_perm } = created.body as { slug_perm: string }
    const tag = await tagOf(api, slug_perm)
    expect(tag).toMatch(/^"[\w-]{22}"$/)
    expect(created.headers.get('etag')).toBe(tag)
    expect((await api.call('HEAD', `${TOKENS}${slug_perm}/`)).headers.get('etag')).toBe(tag)
    expect((await api.call('GET', TOKENS)).headers.get('etag')).toBeNull()
  })

  test('a read does not care for If-Match', async () => {
    const { slug_perm } = await api.create()
    expect((await send(api, 'GET', `${TOKENS}${slug_perm}/`, '"x"')).status).toBe(200)
  })

  test.each([
    ['POST', TOKENS],
    ['POST', `${TOKENS}sync/`],
    ['POST', '/keys/'],
    ['PATCH', '/keys/x/'],
    ['DELETE', '/webhooks/acme/x/'],
    ['POST', '/cache/purge/'],
  ])('%s %s refuses If-Match, rather than to pass over it', async (method, path) => {
    const answer = await send(api, method, path, '*', {})
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        detail: 'If-Match is understood for single tokens only. Nothing was changed.',
        code: 'precondition_not_supported',
      },
    ])
  })
})

describe('a tag', () => {
  const token = newToken()
  const tag = etagOf(token)

  test.each([tag, `W/${tag}`, `"x", ${tag}`, `${tag},"y"`, ` ${tag} , W/"z" `, '*', ' * '])(
    'is met by %s',
    (value) => {
      expect(readIfMatch(value)?.(token)).toBe(true)
    },
  )

  test.each(['""', '"x"', `"${tag.slice(1, -1)}x"`, `"${tag.slice(1, -1).toUpperCase()}"`])(
    'is not met by %s',
    (value) => {
      expect(readIfMatch(value)?.(token)).toBe(false)
    },
  )

  test('does not depend on the order in which the fields come', () => {
    const turned = Object.fromEntries(Object.entries(token).toReversed()) as typeof token
    expect(etagOf(turned)).toBe(tag)
  })

  test('tells nothing of the secret, and is another one when it changes', () => {
    expect(etagOf({ ...token, digest: 'another' })).not.toBe(tag)
    expect(etagOf({ ...token, sealedSecret: 'sealed again' })).toBe(tag)
    expect(tag).not.toContain(token.digest)
  })
})
