import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { StoreError, type Store } from '../../src/store/contract.ts'
import { KEY, startApi, TOKENS, useApi, type Answered } from './api.ts'

const api = useApi()
const SECRET = 'a-secret-in-the-body'
const headers = { 'X-Api-Key': KEY, 'Content-Type': 'application/json' }

function post(body: string | Uint8Array<ArrayBuffer>, extra: Record<string, string> = {}): Promise<Answered> {
  return api.send(TOKENS, { method: 'POST', headers: { ...headers, ...extra }, body })
}

describe('a body', () => {
  test.each([
    '{',
    '{"name":}',
    `{"token":"${SECRET}",}`,
    'name=x',
    '\u0000',
    '{"a":1}{"b":2}',
    "{'name':'x'}",
  ])('that is no JSON is a 400: %s', async (body) => {
    const answer = await post(body)
    expect([answer.status, answer.body]).toEqual([
      400,
      { detail: 'The body is no valid JSON in UTF-8.', code: 'parse_error' },
    ])
  })

  test.each(['[]', 'null', '5', `"${SECRET}"`, 'true', '[{"name":"x"}]'])(
    'that is no object is a 400: %s',
    async (body) => {
      const answer = await post(body)
      expect([answer.status, answer.body]).toEqual([
        400,
        { detail: 'The body is no JSON object.', code: 'parse_error' },
      ])
    },
  )

  test('that is no UTF-8 is a 400', async () => {
    expect(
      (await post(new Uint8Array([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]))).status,
    ).toBe(400)
  })

  test('may be nested a thousand times deeper than allowed', async () => {
    const answer = await post(`{"name":"x","metadata":${'{"a":'.repeat(16_000)}1${'}'.repeat(16_000)}}`)
    expect(answer.status).toBe(422)
  })

  test('of more than 100 KB is a 413, sent whole or in chunks', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(102_400) })
    const answer = await post(large)
    expect([answer.status, answer.body]).toEqual([
      413,
      { detail: 'The body is larger than 100 KB.', code: 'too_large' },
    ])
    const chunked = await raw(`POST ${TOKENS} HTTP/1.1`, ['Transfer-Encoding: chunked'], chunk(large))
    expect(chunked).toMatch(/^HTTP\/1.1 413 /)
    expect(chunked).toMatch(/^connection: close/im)
  })

  test('of exactly 100 KB is read', async () => {
    const shell = JSON.stringify({ name: '' }).length
    expect((await post(JSON.stringify({ name: 'x'.repeat(102_400 - shell) }))).status).toBe(422)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'text/json',
    'application/json; charset=latin1',
    'application/json, text/plain',
  ])('of type %s is a 415', async (type) => {
    const answer = await post('{"name":"x"}', { 'Content-Type': type })
    expect(answer.status).toBe(415)
    expect(answer.body).toMatchObject({ code: 'unsupported_media_type' })
  })

  test('without a type is a 415', async () => {
    const answer = await raw(`POST ${TOKENS} HTTP/1.1`, ['Content-Length: 12'], '{"name":"x"}')
    expect(answer).toMatch(/^HTTP\/1.1 415 /)
  })

  test('that is compressed is a 415', async () => {
    expect(
      (await post(new Uint8Array(gzipSync('{"name":"x"}')), { 'Content-Encoding': 'gzip' })).status,
    ).toBe(415)
  })

  test.each([
    'application/json; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/merge-patch+json',
    'Application/JSON',
  ])('of type %s is read', async (type) => {
    expect((await post('{"name":"x"}', { 'Content-Type': type })).status).toBe(201)
  })

  test('that is empty is fine whatever it calls itself', async () => {
    const { slug_perm } = await api.create()
    for (const type of ['application/json', 'text/plain']) {
      for (const [method, path] of [
        ['GET', ''],
        ['PATCH', ''],
        ['POST', 'disable/'],
        ['POST', 'refresh/'],
      ] as const) {
        const init = { method, headers: { ...headers, 'Content-Type': type } }
        expect((await api.send(`${TOKENS}${slug_perm}/${path}`, init)).status).toBeLessThan(300)
      }
    }
  })

  test('that is cut off changes nothing, not even what an empty one would', async () => {
    const before = await api.create()
    const path = `${TOKENS}${before.slug_perm}/refresh/`
    const socket = connect(api.port, '127.0.0.1')
    await once(socket, 'connect')
    const head = [`POST ${path} HTTP/1.1`, 'Host: x', `X-Api-Key: ${KEY}`, 'Content-Type: application/json']
    socket.write(`${[...head, 'Content-Length: 100'].join('\r\n')}\r\n\r\n{"token":`)
    socket.end()
    await text(socket)
    expect(await api.read(before.slug_perm)).toEqual(before)
  })
})

describe('a path', () => {
  test.each([
    '/',
    '/nothing',
    '/entitlements',
    '/entitlements/nobody/',
    `${TOKENS}x/y/z/`,
    '/v1',
    '/v1/v1/healthz',
    '/v2/',
    '//entitlements/acme/stable/',
    '/Entitlements/acme/stable/',
    '/entitlements/acme/stable/X/unknown/',
    '/entitlements/acme/nothing/',
    '/entitlements/acme/Stable/',
    '/entitlements/acme%2Fstable/x/',
    '/entitlements/acme/stable%2Fx/',
    '/entitlements/__proto__/x/',
    '/entitlements/acme/constructor/',
    `${TOKENS}%00/`,
    `${TOKENS}..%2Fother/`,
    `${TOKENS}${'x'.repeat(300)}/`,
  ])('%s that is not there is a 404', async (path) => {
    const answer = await api.send(path, { headers })
    expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.', code: 'not_found' }])
  })

  test.each([`/entitlements/acme/%ff/`, `${TOKENS}%E0%A4%A/`, '/%'])(
    '%s that can not be decoded is a 400 or 404',
    async (path) => {
      const { status, body } = await api.send(path, { headers })
      expect([400, 404]).toContain(status)
      expect(body).toHaveProperty('detail')
    },
  )

  test('works with and without /v1 and the slash at the end', async () => {
    const { slug_perm } = await api.create()
    for (const prefix of ['', '/v1']) {
      for (const slash of ['', '/']) {
        for (const path of [
          '/entitlements/acme/stable',
          `${TOKENS}${slug_perm}`,
          '/user/self',
          '/status/check/basic',
          '/healthz',
          '/metrics',
        ]) {
          expect((await api.send(`${prefix}${path}${slash}`, { headers })).status).toBe(200)
        }
      }
    }
  })
})

test.each([
  [TOKENS, 'PUT', 'GET, HEAD, POST'],
  [TOKENS, 'DELETE', 'GET, HEAD, POST'],
  [TOKENS, 'OPTIONS', 'GET, HEAD, POST'],
  [`${TOKENS}x/`, 'POST', 'GET, HEAD, PATCH, DELETE'],
  [`${TOKENS}x/enable/`, 'GET', 'POST'],
  [`${TOKENS}x/reset/`, 'HEAD', 'POST'],
  ['/user/self/', 'POST', 'GET, HEAD'],
  ['/healthz', 'POST', 'GET, HEAD'],
  ['/explain/', 'GET', 'POST'],
])('%s refuses %s with 405', async (path, method, allowed) => {
  const answer = await api.send(path, { method, headers })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed])
})

test.each([
  ['GET', TOKENS, 200],
  ['GET', '/nothing', 404],
  ['PUT', TOKENS, 405],
  ['GET', '/metrics', 200],
])('%s %s is answered without anything to cache, guess or sleep for', async (method, path, status) => {
  const answer = await api.send(path, { method, headers })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  const forbidden = [
    'etag',
    'x-powered-by',
    'x-ratelimit-interval',
    'access-control-allow-origin',
    'set-cookie',
  ]
  expect(forbidden.filter((name) => answer.headers.has(name))).toEqual([])
})

test('HEAD has the headers of GET and no body', async () => {
  const get = await api.send(TOKENS, { headers })
  const head = await api.send(TOKENS, { method: 'HEAD', headers })
  expect([head.status, head.text]).toEqual([200, ''])
  expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
  expect(head.headers.get('x-pagination-count')).toBe(get.headers.get('x-pagination-count'))
})

describe('when the store fails', () => {
  const REQUESTS: [string, string, unknown?][] = [
    ['GET', TOKENS],
    ['POST', TOKENS, { name: 'x', token: SECRET }],
    ['GET', `${TOKENS}01J/`],
    ['PATCH', `${TOKENS}01J/`, { token: SECRET }],
    ['DELETE', `${TOKENS}01J/`],
    ['POST', `${TOKENS}01J/enable/`],
    ['POST', `${TOKENS}01J/refresh/`],
    ['POST', `${TOKENS}01J/reset/`],
    ['GET', '/user/self/'],
  ]

  test.each(REQUESTS)('%s %s is a 503 with Retry-After, and the log is told', async (method, path, body) => {
    await using broken = await startApi({ wrapStore: (store) => failing(store, 'keys') })
    const answer = await broken.call(method, path, body)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(answer.body).toMatchObject({ code: 'unavailable' })
    expect(answer.text).not.toMatch(/disk|node_modules|src\//)
    expect(broken.errors).toHaveLength(1)
  })

  test.each(['tokens', 'usage'] as const)('in its %s, nothing else is told', async (part) => {
    await using broken = await startApi({ wrapStore: (store) => failing(store, part) })
    const answer = await broken.call('GET', TOKENS)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  })

  test('a change whose usage can not be read is not made', async () => {
    const holder: { store?: Store } = {}
    await using broken = await startApi({
      wrapStore: (store) => {
        holder.store = store
        return failing(store, 'usage')
      },
    })
    const created = await broken.create()
    const answer = await broken.call('POST', `${TOKENS}${created.slug_perm}/refresh/`)
    expect(answer.status).toBe(503)
    expect(await holder.store?.tokens.find(broken.keeper.digest(created.token))).toHaveLength(1)
  })
})

test('a mistake of ours is a 500 that keeps its reason to itself', async () => {
  await using broken = await startApi({
    wrapStore: (store) => ({
      ...store,
      tokens: { ...store.tokens, list: () => Promise.reject(new TypeError(`oops ${SECRET}`)) },
    }),
  })
  const answer = await broken.call('GET', TOKENS)
  expect([answer.status, answer.body]).toEqual([
    500,
    { detail: 'Internal error. The log has the reason.', code: 'internal_error' },
  ])
  expect(broken.errors).toEqual([new TypeError(`oops ${SECRET}`)])
})

test('a secret that can not be unsealed stays hidden, and the log is told', async () => {
  await using odd = await startApi()
  const { slug_perm } = await odd.create()
  await odd.store.tokens.update('acme', 'stable', slug_perm, {
    sealedSecret: 'altered',
    updatedAt: 0,
    updatedBy: 'x',
  })
  const { status, body } = await odd.call('GET', `${TOKENS}?show_tokens=true`)
  expect([status, (body as { token: string }[])[0]?.token]).toEqual([200, '****************'])
  expect(odd.errors).toHaveLength(1)
})

function failing(store: Store, part: 'keys' | 'tokens' | 'usage'): Store {
  const fail = (): Promise<never> => Promise.reject(new StoreError('unavailable', 'the disk is on fire'))
  const methods = Object.keys(store[part]).map((name) => [name, fail])
  return { ...store, [part]: Object.fromEntries(methods) }
}

/** Sends the bytes as they are, with the key, and gives back everything that comes. */
async function raw(requestLine: string, lines: readonly string[], body: string): Promise<string> {
  const socket = connect(api.port, '127.0.0.1')
  const head = [requestLine, 'Host: x', `X-Api-Key: ${KEY}`, 'Connection: close', ...lines].join('\r\n')
  socket.write(`${head}\r\n\r\n${body}`)
  return text(socket)
}

function chunk(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`
}
