import { array, assert, integer, property, record, uint16Array, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { metadataPairs, pairKey } from '../../../src/policy/search/metadata.ts'
import {
  numbersInAll,
  SLOTS,
  slotsOfMetadata,
  slotsOfPair,
  slotsOfToken,
} from '../../../src/store/search/slots.ts'
import { NAME_SLOTS, slotsOfName } from '../../../src/store/search/trigrams.ts'
import { anyToken } from './random.ts'

test('a token has the slots of its name and of each pair of its metadata, and those of pairs lie behind', () => {
  assert(
    property(anyToken, ({ fields: { name = '', metadata = null } }) => {
      const pairs = metadataPairs(metadata).flatMap(([path, value]) => slotsOfPair(pairKey(path, value)))
      expect(slotsOfToken({ name, metadata })).toEqual(new Set([...slotsOfName(name), ...pairs]))
      expect(slotsOfMetadata(metadata)).toEqual(new Set(pairs))
      expect(pairs.every((slot) => slot >= NAME_SLOTS && slot < SLOTS)).toBe(true)
    }),
  )
})

test('pairs that differ little hardly ever share both of their slots, and every slot has its share', () => {
  const keys = ['plan', 'customer', 'a.b'].flatMap((path) =>
    Array.from({ length: 1_000 }, (_, at) => pairKey(path, String(at))),
  )
  const slots = keys.map((key) => slotsOfPair(key))
  const [counts, couples] = [new Map<number, number>(), new Set<string>()]
  for (const some of slots) {
    couples.add(some.toSorted((a, b) => a - b).join(' '))
    for (const slot of some) counts.set(slot, (counts.get(slot) ?? 0) + 1)
  }
  // 3,000 among 32,896 couples: some 140 coincide by chance.
  expect(couples.size).toBeGreaterThan(2_700)
  expect(counts.size).toBe(SLOTS - NAME_SLOTS)
  expect(Math.max(...counts.values())).toBeLessThan(3 * (6_000 / (SLOTS - NAME_SLOTS)))
})

test('any text is a pair', () => {
  assert(
    property(uint16Array(), (units) => {
      const text = String.fromCharCode(...units)
      expect(slotsOfPair(text).every((slot) => slot >= NAME_SLOTS && slot < SLOTS)).toBe(true)
    }),
  )
})

test('numbers are those whose bit is set in every row', () => {
  const rows = [Uint8Array.of(0b1000_0001, 0b0101_0000), Uint8Array.of(0b1000_0000, 0b0100_0000, 0b1111_1111)]
  expect(numbersInAll(rows, 9)).toEqual({ count: 2, numbers: [0, 9] })
  expect(numbersInAll(rows, 1)).toEqual({ count: 2, numbers: [0] })
  expect(numbersInAll([Uint8Array.of(255), new Uint8Array(0)], 9)).toEqual({ count: 0, numbers: [] })
})

test('rows of any length, anywhere in their memory, are taken together bit by bit', () => {
  const anyRow = record({ bytes: uint8Array({ maxLength: 20 }), offset: integer({ min: 0, max: 7 }) })
  assert(
    property(array(anyRow, { minLength: 1, maxLength: 4 }), (rows) => {
      const placed = rows.map(({ bytes, offset }) => {
        const memory = new Uint8Array(offset + bytes.length + 3).fill(0xff)
        memory.set(bytes, offset)
        return memory.subarray(offset, offset + bytes.length)
      })
      const isSet = (row: Uint8Array, number: number): boolean =>
        ((row[number >> 3] ?? 0) & (0x80 >> (number & 7))) !== 0
      const expected = Array.from({ length: 160 }, (_, number) => number).filter((number) =>
        placed.every((row) => isSet(row, number)),
      )
      expect(numbersInAll(placed, 1_000)).toEqual({ count: expected.length, numbers: expected })
      expect(placed.map((row) => [...row])).toEqual(rows.map(({ bytes }) => [...bytes]))
    }),
  )
})
