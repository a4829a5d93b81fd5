import { BlockList } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileNetworks } from '../../src/policy/networks.ts'

function includes(ranges: readonly string[], address: string): boolean {
  const scope = compileNetworks(ranges)
  if (!scope.ok) throw new Error(JSON.stringify(scope.problems))
  return scope.includes(address)
}

function problemsOf(...ranges: readonly string[]): readonly string[] {
  const scope = compileNetworks(ranges)
  return scope.ok ? [] : scope.problems.map(({ index, message }) => `${index} ${message}`)
}

describe('a network', () => {
  test.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/8', '9.255.255.255', false],
    ['203.0.113.4/30', '203.0.113.7', true],
    ['203.0.113.4/30', '203.0.113.8', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.6', false],
    ['203.0.113.7/32', '203.0.113.6', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '192.0.2.1', false],
    ['::/0', '::ffff:192.0.2.1', false],
    ['192.0.2.0/24', '::ffff:192.0.2.1', true],
    ['2001:db8::/33', '2001:db8:7fff::', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['2001:db8::/127', '2001:db8::1', true],
    ['2001:db8::/127', '2001:db8::2', false],
    ['128.0.0.0/1', '200.0.0.1', true],
    ['128.0.0.0/1', '127.0.0.1', false],
    ['10.0.0.0/17', '10.0.127.255', true],
    ['10.0.0.0/17', '10.0.128.0', false],
  ])('%s and %s: %j', (range, address, expected) => {
    expect(includes([range], address)).toBe(expected)
  })

  test.each(['', 'x', '10.0.0.1/8', '10.0.0.1%eth0', '10.0.0.1:80', '[::1]', '::1%1'])(
    'never includes %j, which is no address',
    (address) => {
      expect(includes(['0.0.0.0/0', '::/0'], address)).toBe(false)
    },
  )

  test('is asked about the same address again, also after many others', () => {
    const scope = compileNetworks(['10.0.0.0/24'])
    if (!scope.ok) throw new Error('it compiles')
    const asked = Array.from({ length: 1_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
    for (let round = 0; round < 2; round++) {
      expect(asked.filter((address) => scope.includes(address))).toHaveLength(256)
    }
  })
})

test('an empty list includes nobody', () => {
  expect(includes([], '127.0.0.1')).toBe(false)
  expect(includes([], '::1')).toBe(false)
})

test('each range of a list counts', () => {
  const list = ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']
  expect(['10.1.1.1', '2001:db8::1', '192.0.2.7', '192.0.2.8'].map((each) => includes(list, each))).toEqual([
    true,
    true,
    true,
    false,
  ])
})

test('everything that is wrong is told at once, with its place', () => {
  expect(problemsOf('10.0.0.0/8', '10.0.0.1/8', 'x', '::ffff:10.0.0.0/104', '10.0.0.0/33')).toEqual([
    '1 "10.0.0.1/8" goes on after its first 8 bits; they alone are compared',
    '2 "x" is no network; write an address or a range, like 203.0.113.0/24 or 2001:db8::/32',
    '3 "::ffff:10.0.0.0/104" is a mapped IPv4 address; write it as IPv4',
    '4 "10.0.0.0/33" has a wrong length after the slash; it is 0 to 32',
  ])
})

test('what a network includes is what the platform says', () => {
  const word = fc.nat(0xffff)
  const network = fc.oneof(
    fc.tuple(fc.tuple(word, word), fc.nat(32)),
    fc.tuple(fc.tuple(word, word, word, word, word, word, word, word), fc.nat(128)),
  )
  fc.assert(
    fc.property(network, fc.nat(128), ([words, bits], flipped) => {
      const masked = words.map((each, index) => each & maskOf(bits - index * 16))
      const asked = words.map((each, index) =>
        index === flipped >> 4 ? each ^ (0x8000 >> (flipped & 15)) : each,
      )
      const family = words.length === 2 ? 'ipv4' : 'ipv6'
      const list = new BlockList()
      list.addSubnet(write(masked), bits, family)
      expect(includes([`${write(masked)}/${bits}`], write(asked))).toBe(list.check(write(asked), family))
    }),
    { numRuns: 2_000 },
  )
})

function maskOf(bits: number): number {
  return (0xffff << (16 - Math.min(16, Math.max(0, bits)))) & 0xffff
}

function write(words: readonly number[]): string {
  if (words.length > 2) return words.map((word) => word.toString(16)).join(':')
  return words.flatMap((word) => [word >> 8, word & 255]).join('.')
}
