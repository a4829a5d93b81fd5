import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BANDWIDTH_UNITS, bytesOf, limitBytesOf } from '../../src/policy/bandwidth.ts'

test.each([
  [5, 'Byte', 5],
  [5, 'Kilobyte', 5_000],
  [2, 'Gigabyte', 2_000_000_000],
  [9, 'Petabyte', 9_000_000_000_000_000],
  [0, 'Yottabyte', 0],
  [Number.MAX_SAFE_INTEGER, 'Byte', Number.MAX_SAFE_INTEGER],
] as const)('%d %s are %d bytes', (count, unit, bytes) => {
  expect(bytesOf(count, unit)).toBe(bytes)
})

test.each([
  [10, 'Petabyte'],
  [1, 'Exabyte'],
  [1, 'Yottabyte'],
  [Number.MAX_SAFE_INTEGER, 'Kilobyte'],
  [2 ** 53, 'Byte'],
  [-1, 'Byte'],
  [0.5, 'Kilobyte'],
  [Number.NaN, 'Byte'],
  [Infinity, 'Byte'],
] as const)('%d %s can not be counted', (count, unit) => {
  expect(bytesOf(count, unit)).toBeUndefined()
})

test('what can be counted is exact', () => {
  const count = fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) })
  fc.assert(
    fc.property(count, fc.constantFrom(...BANDWIDTH_UNITS), (given, unit) => {
      const exact = given * 1000n ** BigInt(BANDWIDTH_UNITS.indexOf(unit))
      const expected = exact > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(exact)
      expect(bytesOf(Number(given), unit)).toBe(expected)
    }),
  )
})

test('a limit that can not be counted lets nothing through', () => {
  expect(limitBytesOf({ limitBandwidth: 1, limitBandwidthUnit: 'Exabyte' })).toBe(0)
  expect(limitBytesOf({ limitBandwidth: null, limitBandwidthUnit: 'Exabyte' })).toBeNull()
  expect(limitBytesOf({ limitBandwidth: 3, limitBandwidthUnit: 'Kilobyte' })).toBe(3_000)
})
