import { expect, test } from 'vitest'
import { BASE_URL, deliver, orderFor, refusalOf } from './orders.ts'
import { answerWith, startCrudeStorage } from './storages.ts'

const OK = answerWith('200 OK', { 'content-length': '4' }, 'body')

test('asks for the encoded canonical path below the base, with the given headers and nothing else', async () => {
  await using storage = await startCrudeStorage(OK)
  const order = orderFor('a b/ü+%/@s.txt', {
    headers: { accept: '*/*', 'if-none-match': '"x"', range: 'bytes=0-1,3-4', 'if-range': '"x"' },
    query: 'n=1&last=b',
  })
  await deliver(storage.deliverer, order)
  expect(storage.server.requests()[0]?.split('\r\n')).toEqual([
    'GET /base/a%20b/%C3%BC%2B%25/@s.txt?n=1&last=b HTTP/1.1',
    `host: ${storage.server.url.slice('http://'.length)}`,
    'connection: keep-alive',
    'accept: */*',
    'if-none-match: "x"',
  ])
})

test('never sends a request whose query would break its line', async () => {
  await using storage = await startCrudeStorage(OK)
  for (const query of ['a b', 'a\r\nx: y', 'ü\u2028']) {
    expect(await refusalOf(storage.deliverer, orderFor('x', { query }))).toBe('upstream_failed')
  }
  expect(storage.server.requests()).toEqual([])
})

test('passes bytes, their encoding, validators and links on untouched, without hop-by-hop headers and cookies', async () => {
  const headers = {
    Server: 'storage/1',
    'Content-Length': '4',
    'Content-Encoding': 'gzip',
    ETag: 'W/"weak"',
    Link: '</a>; rel="next"',
    'Content-Disposition': 'attachment; filename="gr\u00fc\u00dfe"',
    Connection: 'keep-alive, X-Private',
    'X-Private': '1',
    'Set-Cookie': 'session=storage',
    'WWW-Authenticate': 'Basic realm="storage"',
    'X-Accel-Redirect': '/etc/passwd',
    'Strict-Transport-Security': 'max-age=1',
    Refresh: '0; url=http://evil.example/',
    Vary: 'accept',
  }
  await using storage = await startCrudeStorage(answerWith('200 OK', headers, '\x1f\x8bzz'))
  const answer = await deliver(storage.deliverer, orderFor('x.gz'))
  expect(answer.content).toEqual(Buffer.from('\x1f\x8bzz', 'latin1'))
  expect(answer.headers).toEqual([
    'content-length',
    '4',
    'content-encoding',
    'gzip',
    'etag',
    'W/"weak"',
    'link',
    '</a>; rel="next"',
    'content-disposition',
    'attachment; filename="gr\u00fc\u00dfe"',
    'vary',
    'accept',
  ])
})

test('keeps a header that comes several times as several', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nlink: <a>\r\nlink: <b>\r\ncontent-length: 0\r\n\r\n'
  await using storage = await startCrudeStorage((socket) => void socket.write(answer))
  const { headers } = await deliver(storage.deliverer, orderFor('x'))
  expect(headers).toEqual(['link', '<a>', 'link', '<b>', 'content-length', '0'])
})

test('passes informational answers over', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n')
    OK(socket)
  })
  expect(await deliver(storage.deliverer, orderFor('x'))).toMatchObject({
    status: 200,
    headers: ['content-length', '4'],
  })
})

test.each(['100 Continue', '101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade'])(
  'refuses when the storage sends an unasked %j',
  async (line) => {
    await using storage = await startCrudeStorage((socket) => void socket.write(`HTTP/1.1 ${line}\r\n\r\n`))
    expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
  },
)

test('takes trailers for the end of the body', async () => {
  const answer =
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n4\r\nbody\r\n0\r\nx-sum: 1\r\n\r\n'
  await using storage = await startCrudeStorage((socket) => void socket.write(answer))
  const { content, headers, sent, extent } = await deliver(storage.deliverer, orderFor('x'))
  expect(content.toString()).toBe('body')
  expect(headers).toEqual([])
  expect(sent?.complete).toBe(true)
  expect(extent.size).toBeNull()
})

test.each([403, 404, 410])('takes %i for "not found", without the page of the storage', async (status) => {
  await using storage = await startCrudeStorage(
    answerWith(`${status} X`, { 'content-length': '3', 'www-authenticate': 'Basic' }, 'no!'),
  )
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('not_found')
  expect(storage.failures).toEqual([])
})

test.each([201, 202, 203, 204, 205, 207, 300, 305, 400, 401, 402, 407, 418, 429, 500, 502, 503, 504, 599])(
  'fails when the storage answers %i, and tells the operator',
  async (status) => {
    await using storage = await startCrudeStorage(answerWith(`${status} X`, { 'content-length': '0' }))
    expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
    expect(storage.failures).toEqual([`the storage answered ${status}`])
  },
)

test.each([206, 304, 412, 416])('fails when the storage answers %i to a plain request', async (status) => {
  const headers = { 'content-length': '2', 'content-range': 'bytes 0-1/4' }
  await using storage = await startCrudeStorage(
    answerWith(`${status} X`, headers, status === 304 ? '' : 'bo'),
  )
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
  expect(storage.failures).toHaveLength(1)
})

const unusable: [string, Record<string, string>][] = [
  ['no Content-Range', { 'content-length': '2' }],
  ['a broken Content-Range', { 'content-length': '2', 'content-range': 'bytes 1-0/4' }],
  ['a Content-Range beyond the file', { 'content-length': '2', 'content-range': 'bytes 2-3/3' }],
  ['another length than its Content-Range', { 'content-length': '2', 'content-range': 'bytes 2-4/9' }],
  ['bytes that were not asked for', { 'content-length': '2', 'content-range': 'bytes 0-1/9' }],
  ['more bytes than asked for', { 'content-length': '3', 'content-range': 'bytes 2-4/9' }],
  ['several parts', { 'content-length': '2', 'content-type': 'multipart/byteranges; boundary=x' }],
]
test.each(unusable)('fails when a 206 has %s', async (_, headers) => {
  const body = 'x'.repeat(Number(headers['content-length']))
  await using storage = await startCrudeStorage(answerWith('206 Partial Content', headers, body))
  const order = orderFor('x', { headers: { range: 'bytes=2-3' } })
  expect(await refusalOf(storage.deliverer, order)).toBe('upstream_failed')
})

test('passes a 200 to a range request on as a 200', async () => {
  await using storage = await startCrudeStorage(OK)
  const answer = await deliver(storage.deliverer, orderFor('x', { headers: { range: 'bytes=2-3' } }))
  expect(answer).toMatchObject({ status: 200, extent: { start: 0, end: 4, size: 4 } })
})

test('passes a redirect inside the storage on as one inside the gate, without what else the storage says', async () => {
  const headers = {
    location: '/base/dir/?secret=1',
    'content-length': '4',
    link: '<http://storage.internal/>',
  }
  await using storage = await startCrudeStorage(answerWith('301 Moved', headers, 'page'))
  const answer = await deliver(storage.deliverer, orderFor('dir'))
  expect(answer).toMatchObject({ status: 301, body: null })
  expect(answer.headers).toEqual(['location', `${BASE_URL}dir/`, 'content-length', '0'])
})

test.each([
  'http://elsewhere.example/base/x',
  '//elsewhere.example/base/x',
  '/other/x',
  '/base/../other/x',
  '/base/%2e%2e/other',
  '/baseless/x',
  'https://127.0.0.1/base/x',
  'dir',
  '?again=1',
  'http://[broken',
])('fails when the storage redirects to %j', async (location) => {
  await using storage = await startCrudeStorage(answerWith('302 Found', { location, 'content-length': '0' }))
  expect(await refusalOf(storage.deliverer, orderFor('dir'))).toBe('upstream_failed')
})

test('fails when a redirect says no place, or two', async () => {
  const lines = ['', 'location: /base/a\r\nlocation: /base/b\r\n']
  await using storage = await startCrudeStorage(
    (socket, _, number) =>
      void socket.write(`HTTP/1.1 302 Found\r\n${lines[number - 1]}content-length: 0\r\n\r\n`),
  )
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
})
