import { describe, expect, test } from 'vitest'
import { etagOfToken, etagOfWebhook, readIfMatch } from '../../src/admin/etag.ts'
import { newWebhook } from '../store/conformance/events.ts'
import { newToken } from '../store/conformance/fixtures.ts'
import { KEY, TOKENS, useApi, type Answered, type Api, type Json } from './api.ts'
import { describeOnBothStores } from './both-stores.ts'

type Edit = readonly [
  method: string,
  path: string,
  body: Json | undefined,
  effect: 'changes' | 'keeps' | 'ends',
]

/** Something that two people may edit at once. */
interface Thing {
  readonly what: string
  readonly create: (api: Api) => Promise<Json>
  /** Where all of its kind are. */
  readonly home: string
  /** What somebody else changes. */
  readonly meddling: Json
  /** Every change of one, and whether another ETag follows. */
  readonly edits: readonly Edit[]
}

const THINGS: readonly Thing[] = [
  {
    what: 'token',
    create: (api) => api.create(),
    home: TOKENS,
    meddling: { limit_num_clients: 9 },
    edits: [
      ['PATCH', '', { name: 'Renamed' }, 'changes'],
      ['DELETE', '', undefined, 'ends'],
      ['POST', 'enable/', undefined, 'changes'],
      ['POST', 'disable/', undefined, 'changes'],
      ['POST', 'refresh/', undefined, 'changes'],
      ['POST', 'reset/', undefined, 'keeps'],
    ],
  },
  {
    what: 'key',
    create: (api) => make(api, '/keys/', { name: 'CI', role: 'viewer', repositories: ['acme/*'] }),
    home: '/keys/',
    meddling: { repositories: [] },
    edits: [
      ['PATCH', '', { name: 'Renamed' }, 'changes'],
      ['DELETE', '', undefined, 'ends'],
      ['POST', 'rotate/', undefined, 'changes'],
    ],
  },
  {
    what: 'webhook',
    create: (api) => make(api, '/webhooks/acme/', { target_url: 'https://example.com/' }),
    home: '/webhooks/acme/',
    meddling: { events: ['token.created'] },
    edits: [
      ['PATCH', '', { is_active: false }, 'changes'],
      ['PATCH', '', { rotate_secret: true }, 'changes'],
      ['DELETE', '', undefined, 'ends'],
    ],
  },
]

function changed(what: string): Json {
  return {
    detail: `The ${what} is not the one that If-Match names: it was changed since. Nothing was changed now; read it again.`,
    code: 'precondition_failed',
  }
}

async function make(api: Api, path: string, body: Json): Promise<Json> {
  return (await api.call('POST', path, body)).body as Json
}

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

async function tagAt(api: Api, path: string): Promise<string> {
  return (await api.call('GET', path)).headers.get('etag') ?? 'none'
}

function tagOf(api: Api, slugPerm: string): Promise<string> {
  return tagAt(api, `${TOKENS}${slugPerm}/`)
}

const CASES = THINGS.flatMap((thing) =>
  thing.edits.map(
    (edit) => [thing.what, edit[0], edit[1] || JSON.stringify(edit[2] ?? ''), thing, edit] as const,
  ),
)

describeOnBothStores((api) => {
  describe.each(CASES)(
    'of a %s, %s %s',
    (what, method, _, { create, home, meddling }, [, path, body, effect]) => {
      const pathOf = async (): Promise<string> => `${home}${String((await create(api))['slug_perm'])}/`

      test('with the ETag that was read is done', async () => {
        const place = await pathOf()
        const tag = await tagAt(api, place)
        api.setNow(Date.UTC(2030, 0, 2))
        const answer = await send(api, method, place + path, tag, body)
        expect(answer.status).toBeLessThan(300)
        if (effect === 'ends') return
        expect(answer.headers.get('etag')).toBe(await tagAt(api, place))
        expect((await tagAt(api, place)) === tag).toBe(effect === 'keeps')
      })

      test('after somebody else changed it is a 412, and changes nothing', async () => {
        const place = await pathOf()
        const tag = await tagAt(api, place)
        await api.call('PATCH', place, meddling)
        const before = await api.call('GET', place)
        const answer = await send(api, method, place + path, tag, body)
        expect([answer.status, answer.body]).toEqual([412, changed(what)])
        expect((await api.call('GET', place)).body).toEqual(before.body)
        expect(await tagAt(api, place)).toBe(before.headers.get('etag'))
      })

      test('with * is done, and on what is not there it is a 404', async () => {
        const place = await pathOf()
        expect((await send(api, method, place + path, '*', body)).status).toBeLessThan(300)
        expect((await send(api, method, `${home}01J0000000/${path}`, '*', body)).status).toBe(404)
      })

      test('with what is no entity tag is a 400, and changes nothing', async () => {
        const place = await pathOf()
        const before = await tagAt(api, place)
        const tag = before.replaceAll('"', '')
        for (const value of [tag, `"${tag}`, `"${tag}" "x"`, '*, "x"', 'W/*', ',']) {
          const answer = await send(api, method, place + path, value, body)
          expect([answer.status, (answer.body as Json)['detail']]).toEqual([
            400,
            'If-Match must be * or entity tags in double quotes, as ETag has them.',
          ])
        }
        expect(await tagAt(api, place)).toBe(before)
      })

      test('ten times at once with one ETag is done once', async () => {
        const place = await pathOf()
        const tag = await tagAt(api, place)
        const answers = await Promise.all(
          Array.from({ length: 10 }, () => send(api, method, place + path, tag, body)),
        )
        const statuses = answers.map(({ status }) => status)
        // A reset leaves the tag as it was. Who comes after a deletion finds nothing.
        expect(statuses.filter((status) => status < 300)).toHaveLength(effect === 'keeps' ? 10 : 1)
        expect(statuses.filter((status) => status >= 300 && status !== 412 && status !== 404)).toEqual([])
      })
    },
  )

  test('the counters of a token outlive a reset that is refused', async () => {
    const { slug_perm } = await api.create()
    await api.store.usage.record([
      { token: slug_perm, downloads: 2, bytes: 1, clients: new Map([['192.0.2.1', 2]]), lastUsedAt: 1 },
    ])
    const answer = await send(api, 'POST', `${TOKENS}${slug_perm}/reset/`, '"x"')
    expect(answer.status).toBe(412)
    expect(await api.read(slug_perm)).toMatchObject({ downloads: 2, clients: 1 })
  })

  test('the use of a key does not change its tag', async () => {
    const made = await make(api, '/keys/', { name: 'CI', role: 'viewer', repositories: ['acme/*'] })
    const place = `/keys/${String(made['slug_perm'])}/`
    const tag = await tagAt(api, place)
    await api.send('/user/self/', { headers: { 'X-Api-Key': String(made['key']) } })
    await expect
      .poll(async () => (await api.call('GET', place)).body)
      .toMatchObject({ last_used_from: '127.0.0.1' })
    expect(await tagAt(api, place)).toBe(tag)
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

  test.each(THINGS)(
    'a creation of a $what answers with the tag, HEAD as GET, and a list with none',
    async (thing) => {
      const created = await api.call('POST', thing.home, {
        ...(thing.what === 'webhook' ? { target_url: 'https://example.com/' } : { name: 'x' }),
        ...(thing.what === 'key' ? { role: 'viewer', repositories: [] } : {}),
      })
      const { slug_perm } = created.body as { slug_perm: string }
      const tag = await tagAt(api, `${thing.home}${slug_perm}/`)
      expect(tag).toMatch(/^"[\w-]{22}"$/)
      expect(created.headers.get('etag')).toBe(tag)
      expect((await api.call('HEAD', `${thing.home}${slug_perm}/`)).headers.get('etag')).toBe(tag)
      expect((await api.call('GET', thing.home)).headers.get('etag')).toBeNull()
    },
  )

  test('a read does not care for If-Match', async () => {
    const { slug_perm } = await api.create()
    expect((await send(api, 'GET', `${TOKENS}${slug_perm}/`, '"x"')).status).toBe(200)
  })

  test.each([
    ['POST', TOKENS],
    ['POST', `${TOKENS}sync/`],
    ['POST', '/keys/'],
    ['POST', '/webhooks/acme/'],
    ['POST', '/webhooks/acme/x/ping/'],
    ['POST', '/cache/purge/'],
  ])('%s %s refuses If-Match, rather than to pass over it', async (method, path) => {
    const answer = await send(api, method, path, '*', {})
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        detail: 'If-Match is understood for changes of one token, key or webhook only. Nothing was changed.',
        code: 'precondition_not_supported',
      },
    ])
  })
})

describe('a tag', () => {
  const token = newToken()
  const tag = etagOfToken(token)

  test.each([tag, `W/${tag}`, `"x", ${tag}`, `${tag},"y"`, ` ${tag} , W/"z" `, '*', ' * '])(
    'is met by %s',
    (value) => {
      expect(readIfMatch(value, etagOfToken)?.(token)).toBe(true)
    },
  )

  test.each(['""', '"x"', `"${tag.slice(1, -1)}x"`, `"${tag.slice(1, -1).toUpperCase()}"`])(
    'is not met by %s',
    (value) => {
      expect(readIfMatch(value, etagOfToken)?.(token)).toBe(false)
    },
  )

  test('does not depend on the order in which the fields come', () => {
    const turned = Object.fromEntries(Object.entries(token).toReversed()) as typeof token
    expect(etagOfToken(turned)).toBe(tag)
  })

  test('tells nothing of the secret, and is another one when it changes', () => {
    expect(etagOfToken({ ...token, digest: 'another' })).not.toBe(tag)
    expect(etagOfToken({ ...token, sealedSecret: 'sealed again' })).toBe(tag)
    expect(tag).not.toContain(token.digest)
  })

  test('of a webhook is another one when its secret is', () => {
    const webhook = newWebhook()
    expect(etagOfWebhook({ ...webhook, sealedSecret: 'another' })).not.toBe(etagOfWebhook(webhook))
    expect(etagOfWebhook({ ...webhook })).toBe(etagOfWebhook(webhook))
  })
})
