import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createClientAddress } from '../../src/request/client-address.ts'
import { processorMs } from '../support/stopwatch.ts'

const PROXIES = ['127.0.0.1/32', '10.0.0.0/8', '::1/128', 'fd00::/8']
const readAddress = createClientAddress(PROXIES)
const read = (peer: string, forwardedFor: string | undefined): string =>
  readAddress(peer, forwardedFor).folded

describe('the address of a client', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::1', '::/64'],
  ])('%s is folded to %s', (peer, folded) => {
    expect(createClientAddress([])(peer, undefined).folded).toBe(folded)
  })

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:DB8:1:2:0:0:0:6', '2001:db8:1:2::6'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', ''],
    ['no address', 'no address'],
  ])('%j in full is %j', (peer, full) => {
    expect(createClientAddress([])(peer, undefined).full).toBe(full)
    expect(readAddress('10.1.1.1', `1.2.3.4, ${peer}`).full).toBe(
      full.includes(' ') || full === '' ? '10.1.1.1' : full,
    )
  })

  test('is the peer as it is when that is no address', () => {
    expect(read('', '203.0.113.7')).toBe('')
  })

  test('is the peer when no proxy is trusted', () => {
    expect(createClientAddress([])('203.0.113.7', '198.51.100.1').folded).toBe('203.0.113.7')
  })

  test('is the peer when that is no trusted proxy', () => {
    expect(read('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7')
  })

  test('is the proxy when that tells nothing', () => {
    expect(read('10.1.1.1', undefined)).toBe('10.1.1.1')
  })
})

describe('behind a trusted proxy the client is', () => {
  test.each([
    ['the one entry', '198.51.100.1', '198.51.100.1'],
    ['the last entry, not what the client wrote before it', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
    ['the last that is no proxy', '1.2.3.4, 198.51.100.1, 10.0.0.2, 10.0.0.3', '198.51.100.1'],
    ['the first when all are proxies', '10.0.0.2, 10.0.0.3', '10.0.0.2'],
    ['read without spaces', '1.2.3.4,198.51.100.1', '198.51.100.1'],
    ['read with tabs', '1.2.3.4,\t198.51.100.1\t', '198.51.100.1'],
    ['read without its port', '198.51.100.1:4711', '198.51.100.1'],
    ['unfolded from IPv6', '::ffff:198.51.100.1', '198.51.100.1'],
    ['folded', '2001:db8::1', '2001:db8::/64'],
    ['read out of brackets', '[2001:db8::1]', '2001:db8::/64'],
    ['read out of brackets before a port', '[2001:db8::1]:443', '2001:db8::/64'],
    ['read without its zone', 'fe80::1%eth0', 'fe80::/64'],
    ['behind a proxy that is written as IPv6', '198.51.100.1, ::ffff:10.0.0.2', '198.51.100.1'],
    ['behind a proxy of either family', '198.51.100.1, fd00::2, 10.0.0.2', '198.51.100.1'],
  ])('%s', (_, forwardedFor, client) => {
    expect(read('127.0.0.1', forwardedFor)).toBe(client)
  })

  test('also when the system shows the proxy as a mapped address', () => {
    expect(read('::ffff:127.0.0.1', '198.51.100.1')).toBe('198.51.100.1')
  })
})

describe('the walk ends, at the last address known, before', () => {
  test.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    'localhost',
    '1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.4/32',
    '1.2.3.4:',
    '1.2.3.4:http',
    '"1.2.3.4"',
    'for=1.2.3.4',
    '1.2.3.4 5.6.7.8',
    '::ffff:010.0.0.1',
    '2001:db8::1::2',
    '[2001:db8::1',
    '[[2001:db8::1]]',
    '[2001:db8::1]x',
    'unix:',
    '１.２.３.４',
    'constructor',
  ])('%j', (entry) => {
    expect(read('127.0.0.1', `198.51.100.1, ${entry}, 10.0.0.2`)).toBe('10.0.0.2')
  })

  test('an empty entry at the end', () => {
    expect(read('127.0.0.1', '198.51.100.1,')).toBe('127.0.0.1')
  })
})

test('a client can never choose its address by what it sends through trusted proxies', () => {
  const hostile = fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constant('10.0.0.9')), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(hostile, (entries) => {
      const seen = read('127.0.0.1', [...entries, '198.51.100.1', '10.0.0.2'].join(', '))
      expect(seen).toBe('198.51.100.1')
    }),
  )
})

test('an address is read in time linear in the header', () => {
  const started = processorMs()
  for (const piece of ['10.0.0.1,', '[', '1.', ':', ',', '[]:']) read('10.0.0.1', piece.repeat(100_000))
  expect(processorMs() - started).toBeLessThan(3000)
})
