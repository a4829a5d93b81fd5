import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderRequest } from '../../../src/deliver/wire/request.ts'

test('writes a request line, the host and the headers in one piece', () => {
  const headers = { accept: '*/*', 'if-none-match': '"gr\u00fc\u00df"' }
  expect(renderRequest({ method: 'HEAD', path: '/a%20b?c', headers }, 'files.example:81')).toBe(
    'HEAD /a%20b?c HTTP/1.1\r\nhost: files.example:81\r\nconnection: keep-alive\r\naccept: */*\r\nif-none-match: "gr\u00fc\u00df"\r\n\r\n',
  )
})

test.each([
  '',
  'x',
  'http://evil/',
  '/a b',
  '/a\tb',
  '/a\r\nb',
  '/a\nb',
  '/a\0',
  '/\u00fc',
  '/\u0120',
  '/a\u2028',
  '/a\x7f',
])('writes nothing for the path %j', (path) => {
  expect(renderRequest({ method: 'GET', path, headers: {} }, 'h')).toBeUndefined()
})

// U+010D and U+010A are CR and LF when a text is cut down to Latin-1.
test.each(['a\r\nb', 'a\rb', 'a\nb', 'a\0b', 'a\x7f', '\u010d\u010aevil: 1', '\u20ac'])(
  'writes nothing for the value %j',
  (value) => {
    expect(renderRequest({ method: 'GET', path: '/', headers: { accept: value } }, 'h')).toBeUndefined()
  },
)

test.each([
  '',
  'a b',
  'a:',
  'a\r\nb',
  'Accept',
  '\u00e4',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
])('writes nothing for a header named %j', (name) => {
  expect(renderRequest({ method: 'GET', path: '/', headers: { [name]: 'x' } }, 'h')).toBeUndefined()
})

test('never writes more than one request, whatever it is given', () => {
  const ODD = fc.string({
    unit: fc.constantFrom('\r', '\n', ' ', ':', 'a', '/', '\u010a', '\u00e9', 'GET /'),
  })
  fc.assert(
    fc.property(ODD, fc.dictionary(ODD, ODD), (path, headers) => {
      const text = renderRequest({ method: 'GET', path: `/${path}`, headers }, 'h')
      if (text === undefined) return
      const lines = Buffer.from(text, 'latin1').toString('latin1').split('\r\n')
      expect(lines).toHaveLength(3 + Object.keys(headers).length + 2)
      for (const line of lines) expect(line).not.toMatch(/[\r\n]/)
      expect(lines.slice(0, -2)).not.toContain('')
    }),
    { numRuns: 2000 },
  )
})
