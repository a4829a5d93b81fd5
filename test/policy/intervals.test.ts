import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addInterval, coversWhole, type Intervals } from '../../src/policy/intervals.ts'

const range = fc.tuple(fc.nat(60), fc.nat(60))

function addAll(ranges: readonly (readonly [number, number])[]): Intervals {
  return ranges.reduce<Intervals>((sum, [start, end]) => addInterval(sum, start, end), [])
}

function bytesOf(intervals: Intervals): number[] {
  return intervals.flatMap(([start, end]) =>
    Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i),
  )
}

describe('adding a range', () => {
  test.each<[Intervals, readonly [number, number], Intervals]>([
    [[], [0, 5], [[0, 5]]],
    [[], [5, 5], []],
    [[], [5, 4], []],
    [[[0, 5]], [5, 9], [[0, 9]]],
    [[[5, 9]], [0, 5], [[0, 9]]],
    [
      [[0, 5]],
      [6, 9],
      [
        [0, 5],
        [6, 9],
      ],
    ],
    [
      [[6, 9]],
      [0, 5],
      [
        [0, 5],
        [6, 9],
      ],
    ],
    [
      [
        [0, 5],
        [6, 9],
      ],
      [5, 6],
      [[0, 9]],
    ],
    [[[0, 9]], [3, 4], [[0, 9]]],
    [[[3, 4]], [0, 9], [[0, 9]]],
    [
      [
        [0, 2],
        [4, 6],
        [8, 10],
      ],
      [1, 9],
      [[0, 10]],
    ],
    [
      [
        [0, 2],
        [4, 6],
        [8, 10],
      ],
      [3, 7],
      [
        [0, 2],
        [3, 7],
        [8, 10],
      ],
    ],
  ])('%j and %j are %j', (intervals, [start, end], expected) => {
    expect(addInterval(intervals, start, end)).toEqual(expected)
  })

  test('keeps exactly the bytes of all ranges, in order, apart from each other', () => {
    const property = fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
      const intervals = addAll(ranges)
      const expected = new Set(bytesOf(ranges))
      expect(bytesOf(intervals)).toEqual([...expected].toSorted((a, b) => a - b))
      for (const [index, [start]] of intervals.entries()) {
        expect(start).toBeGreaterThan(intervals[index - 1]?.[1] ?? -1)
      }
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('changes nothing of what it was given', () => {
    const before: Intervals = Object.freeze([Object.freeze([0, 5] as const)])
    expect(addInterval(before, 5, 6)).toEqual([[0, 6]])
    expect(before).toEqual([[0, 5]])
  })

  test('keeps at most 64 ranges and only ever leaves bytes out', () => {
    const many = Array.from({ length: 200 }, (_, index) => [index * 3, index * 3 + 1] as const)
    const intervals = addAll(many)
    expect(intervals).toHaveLength(64)
    const real = new Set(bytesOf(many))
    expect(bytesOf(intervals).every((byte) => real.has(byte))).toBe(true)
    expect(addInterval(intervals, 0, 600)).toEqual([[0, 600]])
  })
})

describe('a whole file', () => {
  test.each<[Intervals, number, boolean]>([
    [[[0, 10]], 10, true],
    [[[0, 11]], 10, true],
    [[[0, 9]], 10, false],
    [[[1, 10]], 10, false],
    [
      [
        [0, 5],
        [6, 10],
      ],
      10,
      false,
    ],
    [[], 10, false],
    [[], 0, false],
  ])('%j of %j bytes: %j', (intervals, size, expected) => {
    expect(coversWhole(intervals, size)).toBe(expected)
  })

  test('is covered by its parts in any order', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 40 })
    const property = fc.property(cuts, fc.infiniteStream(fc.nat()), (inner, order) => {
      const edges = [0, ...inner.toSorted((a, b) => a - b), 1_000]
      const parts = edges.slice(1).map((end, index) => [edges[index] ?? 0, end] as const)
      const shuffled = parts
        .map((part) => [order.next().value ?? 0, part] as const)
        .toSorted(([a], [b]) => a - b)
        .map(([, part]) => part)
      expect(coversWhole(addAll(shuffled), 1_000)).toBe(true)
      expect(coversWhole(addAll(shuffled.slice(1)), 1_000)).toBe(false)
    })
    fc.assert(property)
  })
})
