import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseProxyHeader } from '../../src/request/proxy-header.ts'

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

/** A header of version 2: command (1 speaks for somebody), family and transport, addresses, and what stands behind them. */
function version2(command: number, protocol: number, content: Buffer, version = 0x20): Buffer {
  const head = Buffer.from([version | command, protocol, content.length >> 8, content.length & 255])
  return Buffer.concat([SIGNATURE, head, content])
}

const IPV4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'))
const PORT = fc.nat(65_535)
const REST = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each))
const PORTS = Buffer.from([0, 80, 1, 187])
const IPV6 = Buffer.from('20010db8000000000000000000000007', 'hex')

describe('version 1', () => {
  test('gives the source of any header that a proxy writes, wherever it ends', () => {
    fc.assert(
      fc.property(IPV4, IPV4, PORT, PORT, REST, (source, destination, from, to, rest) => {
        const header = bytes(`PROXY TCP4 ${source} ${destination} ${from} ${to}\r\n`)
        const parsed = parseProxyHeader(Buffer.concat([header, rest]))
        expect(parsed).toEqual({ kind: 'header', length: header.length, source })
      }),
    )
  })

  test.each([
    ['PROXY TCP6 2001:db8::7 ::1 1 2\r\nGET', '2001:db8::7'],
    ['PROXY UNKNOWN\r\n', undefined],
    ['PROXY UNKNOWN ffff:f...f:ffff whatever 65535\r\n', undefined],
  ])('%j', (text, source) => {
    expect(parseProxyHeader(bytes(text))).toMatchObject({ kind: 'header', source })
  })

  test.each([
    'PROXY TCP4 10.0.0.1 10.0.0.2 1\r\n',
    'PROXY TCP4 10.0.0.1 10.0.0.2 1 2 3\r\n',
    'PROXY TCP4 10.0.0.1  10.0.0.2 1 2\r\n',
    'PROXY TCP4 10.0.0.256 10.0.0.2 1 2\r\n',
    'PROXY TCP4 010.0.0.1 10.0.0.2 1 2\r\n',
    'PROXY TCP4 10.0.0.1 10.0.0.2 01 2\r\n',
    'PROXY TCP4 10.0.0.1 10.0.0.2 1 65536\r\n',
    'PROXY TCP4 ::1 ::1 1 2\r\n',
    'PROXY TCP6 10.0.0.1 10.0.0.2 1 2\r\n',
    'PROXY UDP4 10.0.0.1 10.0.0.2 1 2\r\n',
    'PROXY tcp4 10.0.0.1 10.0.0.2 1 2\r\n',
    'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
    'proxy TCP4 10.0.0.1 10.0.0.2 1 2\r\n',
    'GET / HTTP/1.1\r\n',
    '\u0016\u0003\u0001',
  ])('%j is none', (text) => {
    expect(parseProxyHeader(bytes(text))).toMatchObject({ kind: 'malformed' })
  })
})

describe('version 2', () => {
  test('gives the source of IPv4 and passes over what stands behind it', () => {
    fc.assert(
      fc.property(IPV4, IPV4, REST, REST, (source, destination, appended, rest) => {
        const addresses = Buffer.from([...`${source}.${destination}`.split('.').map(Number), ...PORTS])
        const header = version2(1, 0x11, Buffer.concat([addresses, appended]))
        const parsed = parseProxyHeader(Buffer.concat([header, rest]))
        expect(parsed).toEqual({ kind: 'header', length: header.length, source })
      }),
    )
  })

  test('gives the source of IPv6', () => {
    const header = version2(1, 0x21, Buffer.concat([IPV6, IPV6, PORTS]))
    expect(parseProxyHeader(header)).toMatchObject({ source: '2001:db8:0:0:0:0:0:7' })
  })

  test.each([
    ['a proxy that speaks for itself', version2(0, 0, Buffer.alloc(0))],
    ['the same with addresses that mean nothing', version2(0, 0x11, Buffer.alloc(3))],
    ['an unknown family', version2(1, 0, Buffer.alloc(0))],
    ['a Unix socket', version2(1, 0x31, Buffer.alloc(216))],
  ])('tells no source of %s', (_, header) => {
    expect(parseProxyHeader(header)).toEqual({ kind: 'header', length: header.length, source: undefined })
  })

  test.each([
    ['another version', version2(1, 0x11, Buffer.alloc(12), 0x10)],
    ['an unknown command', version2(2, 0x11, Buffer.alloc(12))],
    ['datagrams', version2(1, 0x12, Buffer.alloc(12))],
    ['a family that does not exist', version2(1, 0x41, Buffer.alloc(12))],
    ['addresses that are cut off', version2(1, 0x21, Buffer.alloc(35))],
    ['a length beyond all measure', version2(1, 0x11, Buffer.alloc(9_000))],
  ])('%s is none', (_, header) => {
    expect(parseProxyHeader(header)).toMatchObject({ kind: 'malformed' })
  })
})

test('a header that is not whole is waited for, at every byte', () => {
  const whole = [
    bytes('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'),
    version2(1, 0x21, Buffer.concat([IPV6, IPV6, PORTS])),
  ]
  for (const header of whole) {
    for (let length = 0; length < header.length; length++)
      expect(parseProxyHeader(header.subarray(0, length))).toEqual({ kind: 'more' })
  }
})

test('nothing makes it fail, and no header reaches beyond what is there', () => {
  const beginning = fc.constantFrom(bytes(''), bytes('PROXY '), SIGNATURE, bytes('PROXY TCP4 1.1.1.1 '))
  const isSound = fc.check(
    fc.property(beginning, fc.uint8Array({ maxLength: 300 }), (before, after) => {
      const all = Buffer.concat([before, after])
      const parsed = parseProxyHeader(all)
      return parsed.kind !== 'header' || parsed.length <= all.length
    }),
  )
  expect(isSound).toMatchObject({ failed: false })
})
