import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskClient } from '../../src/policy/mask-client.ts'
import { createClientAddress } from '../../src/request/client-address.ts'

const fold = (address: string): string => createClientAddress([])(address, undefined).folded

test.each([
  ['203.0.113.7', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['::1', '0:0:0::/48'],
  ['2001:db8:1::', '2001:db8:1::/48'],
])('of %s %s is left', (address, masked) => {
  expect(maskClient(fold(address))).toBe(masked)
})

test.each(['', 'unix:', '203.0.113', 'x.y.z.7'])('of %j, which is no address, nothing is left', (text) => {
  expect(maskClient(text)).toBe('unknown')
})

test('addresses of one network look alike, those of others do not', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(255), (address, last) => {
      const sibling = address.replace(/\d+$/, String(last))
      expect(maskClient(fold(sibling))).toBe(maskClient(fold(address)))
    }),
  )
  const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
  const write = (words: readonly number[]): string => words.map((word) => word.toString(16)).join(':')
  fc.assert(
    fc.property(groups, groups, (one, other) => {
      const sibling = [...one.slice(0, 3), ...other.slice(3)]
      // Mapped IPv4 is another thing.
      fc.pre(one.slice(0, 3).some((word) => word !== 0))
      expect(maskClient(fold(write(sibling)))).toBe(maskClient(fold(write(one))))
      expect(maskClient(fold(write(one)))).toMatch(/^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+::\/48$/)
    }),
  )
})
