import { createServer } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { freePort } from '../support/processes.ts'
import { startFakeApi, type Reply } from './fake-api.ts'
import { run } from './run.ts'

const LIST = ['tokens', 'list', 'acme/stable']

async function answered(reply: Reply, key?: string) {
  await using api = await startFakeApi(() => reply)
  const ended = await run(LIST, { api: api.url, ...(key === undefined ? {} : { key }) })
  return [ended.code, ended.stderr.replaceAll(api.url, 'API'), ended.stdout]
}

test('an API that is not there is told by its URL, and what to do', async () => {
  const api = `http://127.0.0.1:${await freePort()}`
  const { code, stderr } = await run(LIST, { api })
  expect(code).toBe(2)
  expect(stderr).toBe(
    `error: The management API can't be reached at ${api} (connection refused).\n` +
      'Is the gate running (postern serve)? If its API listens elsewhere, set POSTERN_API or give --api URL.\n',
  )
})

test('an API that breaks off is not reached either', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n['))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const { code, stderr } = await run(LIST, { api: `http://127.0.0.1:${port}` })
  server.close()
  expect(code).toBe(2)
  expect(stderr).toMatch(/can't be reached at http:\/\/127\.0\.0\.1:\d+ \(the connection broke\)/)
})

test('without a key the API’s 401 says how to give one', async () => {
  expect(await answered({ status: 401, body: { detail: 'x' } })).toEqual([
    2,
    'error: The management API wants a key. Set POSTERN_API_KEY; the first start of the gate shows it.\n',
    '',
  ])
})

test('with a wrong key the API’s 401 says which to check, not what it was', async () => {
  const [code, stderr] = await answered({ status: 401, body: { detail: 'x' } }, 'hunter2')
  expect([code, stderr]).toEqual([
    2,
    'error: The management API at API does not know this key. Check POSTERN_API_KEY or --api-key.\n',
  ])
})

test.each([403, 429, 500, 503])('a %i is told in the API’s words', async (status) => {
  expect(await answered({ status, body: { detail: 'Wait a minute.' } })).toEqual([
    2,
    'error: The management API at API does not do it: Wait a minute.\n',
    '',
  ])
})

test('a 404 of a list means that the repository is not there', async () => {
  expect(await answered({ status: 404, body: { detail: 'Not found.' } })).toEqual([
    1,
    'error: There is no repository acme/stable. The configuration names those there are: postern check-config.\n',
    '',
  ])
})

test('the gate in place of the API is recognised', async () => {
  const [code, stderr] = await answered({
    status: 403,
    headers: { 'x-error-code': 'token_unknown' },
    body: {},
  })
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^error: API is where customers are served, not the management API\. Set POSTERN_API/,
  )
})

test.each([
  ['text', { body: '<!doctype html>' }],
  ['another shape', { body: { tokens: [] } }],
  ['entries without an id', { body: [{ name: 'x' }] }],
])('an answer that is %s is none of the API’s', async (_, reply) => {
  expect(await answered(reply)).toEqual([
    2,
    'error: The answer is not one of the management API of this version. Do POSTERN_API and --api name the right place?\n',
    '',
  ])
})

test('a redirect is not followed: it would carry the key elsewhere', async () => {
  await using elsewhere = await startFakeApi(() => ({ body: [] }))
  const [code, stderr] = await answered({ status: 307, headers: { location: elsewhere.url } }, 'hunter2')
  expect([code, stderr]).toEqual([
    2,
    'error: API only redirects. Set POSTERN_API or give --api with the URL it points to.\n',
  ])
  expect(elsewhere.received).toEqual([])
})

test.each(['hunter2 ', 'hunter2\n', 'hunter2é'])(
  'a key like %j is refused without being repeated',
  async (key) => {
    const { code, stderr } = await run(LIST, { key })
    expect([code, stderr]).toEqual([
      2,
      'error: The API key has a space, a line break or another odd character. Is it whole?\n',
    ])
  },
)

test.each(['localhost:8081', 'ftp://x', 'http://', 'http://user:hunter2@x', 'http://x/?a', 'http://a b'])(
  'the URL %s is refused without being repeated',
  async (api) => {
    const { code, stderr } = await run(LIST, { api })
    expect([code, stderr]).toEqual([
      2,
      'error: The URL of the management API (POSTERN_API or --api) must be like http://127.0.0.1:8081, without credentials.\n',
    ])
  },
)

test('--api and --api-key win over the environment, and the URL may have a path', async () => {
  await using api = await startFakeApi(() => ({ body: [] }))
  await run([...LIST, '--api', `${api.url}/v1/`, '--api-key', 'flag'], { key: 'environment' })
  expect(api.received).toMatchObject([
    { url: '/v1/entitlements/acme/stable/?page=1&page_size=30', headers: { 'x-api-key': 'flag' } },
  ])
})
