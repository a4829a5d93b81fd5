import { BlockList, isIP } from 'node:net'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddress } from '../../src/policy/address.ts'

test.each<[string, readonly number[]]>([
  ['0.0.0.0', [0, 0]],
  ['255.255.255.255', [0xffff, 0xffff]],
  ['192.0.2.7', [0xc000, 0x0207]],
  ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
  ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
  ['1::', [1, 0, 0, 0, 0, 0, 0, 0]],
  ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['2001:DB8::a:0', [0x2001, 0xdb8, 0, 0, 0, 0, 10, 0]],
  ['1:2:3:4:5:6:7::', [1, 2, 3, 4, 5, 6, 7, 0]],
  ['64:ff9b::192.0.2.7', [0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x0207]],
  ['::ffff:192.0.2.7', [0xc000, 0x0207]],
  ['::FFFF:c000:207', [0xc000, 0x0207]],
  ['::192.0.2.7', [0, 0, 0, 0, 0, 0, 0xc000, 0x0207]],
])('%s is read', (text, words) => {
  expect(parseAddress(text)).toEqual(words)
})

test.each([
  '',
  ' ',
  '1',
  '127.1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4 ',
  '0x1.2.3.4',
  '1.2.3.-4',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  'g::',
  ':1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:',
  '::1.2.3',
  '1.2.3.4::',
  '::1.2.3.4:5',
  'fe80::1%eth0',
  '[::1]',
  '１.２.３.４',
  'localhost',
])('%j is none', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test('what is an address is what the platform takes for one, zones excepted', () => {
  const piece = fc.constantFrom('0', '1', 'ffff', 'F', '255', '256', '1.2.3.4', '', ':', '::', '.', '01')
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(':')),
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('.')),
    fc.string(),
  )
  fc.assert(
    fc.property(text, (given) => {
      expect(parseAddress(given) !== undefined).toBe(isIP(given) !== 0 && !given.includes('%'))
    }),
    { numRuns: 5_000 },
  )
})

test('two texts of one address are the same words', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
      const list = new BlockList()
      list.addAddress(one, 'ipv6')
      const isSame = JSON.stringify(parseAddress(one)) === JSON.stringify(parseAddress(other))
      expect(isSame).toBe(list.check(other, 'ipv6'))
    }),
  )
})
