import { expect, test } from 'vitest'
import { parseHead } from '../../../src/deliver/wire/parse-head.ts'

const OK = 'HTTP/1.1 200 OK'

function head(...headers: string[]): string {
  return [OK, ...headers].join('\r\n')
}

test('reads status and headers, names in lower case, values without the blanks around them', () => {
  const read = parseHead(head('Content-Length:  12\t ', 'ETag:"a b"', 'X:', 'x: \tgr\u00fc\u00df\t2'), 'GET')
  expect(read).toEqual({
    status: 200,
    headers: { 'content-length': '12', etag: '"a b"', x: ['', 'gr\u00fc\u00df\t2'] },
    framing: 12,
    isPersistent: true,
  })
})

test('takes no name for anything but a header', () => {
  const read = parseHead(head('__proto__: a', '__proto__: b', 'constructor: c', 'toString: d'), 'GET')
  if (typeof read === 'string') throw new Error(read)
  expect(Object.entries(read.headers)).toEqual([
    ['__proto__', ['a', 'b']],
    ['constructor', 'c'],
    ['tostring', 'd'],
  ])
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
  expect(read.headers['hasOwnProperty']).toBeUndefined()
})

const framings: [string, string, string, number | string][] = [
  ['GET', OK, 'content-length: 0', 0],
  ['GET', OK, 'content-length: 9007199254740991', Number.MAX_SAFE_INTEGER],
  ['GET', OK, 'content-length: 0004', 4],
  ['GET', OK, 'transfer-encoding: Chunked', 'chunked'],
  ['GET', OK, 'x: y', 'until-close'],
  ['HEAD', OK, 'content-length: 4', 0],
  ['HEAD', OK, 'transfer-encoding: chunked', 0],
  ['HEAD', OK, 'x: y', 0],
  ['GET', 'HTTP/1.1 204 No', 'x: y', 0],
  ['GET', 'HTTP/1.1 304 No', 'content-length: 4', 0],
  ['GET', 'HTTP/1.1 103 Hints', 'x: y', 0],
  ['GET', 'HTTP/1.1 404', 'content-length: 4', 4],
  ['GET', 'HTTP/1.1 404 ', 'content-length: 4', 4],
]
test.each(framings)('%s, "%s" and "%s": the body is %s', (method, line, header, framing) => {
  expect(parseHead(`${line}\r\n${header}`, method)).toMatchObject({ framing })
})

const persistence: [string, string, boolean][] = [
  ['HTTP/1.1 200 OK', 'x: y', true],
  ['HTTP/1.1 200 OK', 'connection: keep-alive', true],
  ['HTTP/1.1 200 OK', 'connection: x, Close', false],
  ['HTTP/1.1 200 OK', 'connection: keep-alive\r\nconnection: close', false],
  ['HTTP/1.1 200 OK', 'connection: closed', true],
  ['HTTP/1.0 200 OK', 'x: y', false],
  ['HTTP/1.0 200 OK', 'connection: Keep-Alive', true],
  ['HTTP/1.0 200 OK', 'connection: keep-alive, close', false],
]
test.each(persistence)('%s, "%s": the connection can be used again: %s', (line, header, isPersistent) => {
  expect(parseHead(`${line}\r\n${header}\r\ncontent-length: 0`, 'GET')).toMatchObject({ isPersistent })
})

test('never uses a connection again whose end is the end of a body', () => {
  expect(parseHead(head('connection: keep-alive'), 'GET')).toMatchObject({
    framing: 'until-close',
    isPersistent: false,
  })
})

const refused: [string, string][] = [
  ['nothing', ''],
  ['another protocol', 'ICY 200 OK'],
  ['another version', 'HTTP/2.0 200 OK'],
  ['lower case', 'http/1.1 200 OK'],
  ['a status of two digits', 'HTTP/1.1 20 OK'],
  ['a status of four digits', 'HTTP/1.1 2000 OK'],
  ['a status beyond 599', 'HTTP/1.1 600 OK'],
  ['a status without a space', 'HTTP/1.1 200OK'],
  ['a status with two spaces', 'HTTP/1.1  200 OK'],
  ['a line that is no header', head('no colon')],
  ['an empty line', head('a: b', '', 'c: d')],
  ['an empty name', head(': x')],
  ['a blank before the colon', head('content-length : 4')],
  ['a blank before the name', head('a: b', ' content-length: 4')],
  ['a header that goes on', head('a: b', '\tc')],
  ['a name in quotes', head('"a": b')],
  ['a name beyond ASCII', head('\u00e4: b')],
  ['a NUL', head('a: b\0c')],
  ['a backspace', head('a: b\bc')],
  ['a DEL', head('a: b\x7f')],
  ['a CR alone', head('a: b\rset-cookie: c')],
  ['a CR at the end of a value', head('a: b\r', 'c: d')],
  ['a LF alone', head('a: b\nset-cookie: c')],
  ['a LF alone behind the status', 'HTTP/1.1 200 OK\na: b\r\nc: d'],
  ['a control character in the reason', 'HTTP/1.1 200 O\x01K'],
  ['too many headers', head(...Array.from({ length: 257 }, (_, n) => `a${n}: b`))],
]
test.each(refused)('refuses %s', (_, text) => {
  expect(parseHead(text, 'GET')).toBeTypeOf('string')
})

const unclear = [
  'content-length: 4\r\ncontent-length: 4',
  'content-length: 4\r\ncontent-length: 5',
  'content-length: 4, 4',
  'content-length: +4',
  'content-length: -4',
  'content-length: 0x4',
  'content-length: 4.0',
  'content-length: 4e1',
  'content-length: 4 4',
  'content-length:',
  'content-length: 9007199254740992',
  'content-length: 99999999999999999999999999',
  'content-length: \u00b2',
  'content-length: 4\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked\r\ntransfer-encoding: chunked',
  'transfer-encoding: chunked, chunked',
  'transfer-encoding: gzip, chunked',
  'transfer-encoding: chunked, identity',
  'transfer-encoding: identity',
  'transfer-encoding: xchunked',
  'transfer-encoding: chunked;q=1',
  'transfer-encoding: "chunked"',
  'transfer-encoding:',
]
test.each(unclear)('refuses a body whose end is unclear: %j', (headers) => {
  for (const method of ['GET', 'HEAD']) expect(parseHead(head(headers), method)).toBeTypeOf('string')
})

test('refuses a transfer coding in HTTP/1.0', () => {
  expect(parseHead('HTTP/1.0 200 OK\r\ntransfer-encoding: chunked', 'GET')).toBeTypeOf('string')
})
