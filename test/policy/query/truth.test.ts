import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { all, any, both, not, type Judge, type Truth } from '../../../src/policy/query/truth.ts'

const TRUTHS: readonly Truth[] = [false, undefined, true]
const truth = fc.constantFrom(...TRUTHS)
const say =
  (value: Truth): Judge<void> =>
  () =>
    value
const ask = (judge: Judge<void>): Truth => judge()
const allOf = (...values: readonly Truth[]): Truth => ask(all(values.map(say)))
const anyOf = (...values: readonly Truth[]): Truth => ask(any(values.map(say)))

test('what can not be told is not told by turning it round', () => {
  expect(TRUTHS.map((value) => ask(not(say(value))))).toEqual([true, undefined, false])
})

test('all fails for certain by one that fails, and holds for certain only by all', () => {
  const table = TRUTHS.map((a) => TRUTHS.map((b) => allOf(a, b)))
  expect(table).toEqual([
    [false, false, false],
    [false, undefined, undefined],
    [false, undefined, true],
  ])
})

test('any holds for certain by one that holds, and fails for certain only by all', () => {
  const table = TRUTHS.map((a) => TRUTHS.map((b) => anyOf(a, b)))
  expect(table).toEqual([
    [false, undefined, true],
    [undefined, undefined, true],
    [true, true, true],
  ])
})

test('both says what two readings agree on', () => {
  const table = TRUTHS.map((a) => TRUTHS.map((b) => ask(both(say(a), say(b)))))
  expect(table).toEqual([
    [false, undefined, undefined],
    [undefined, undefined, undefined],
    [undefined, undefined, true],
  ])
})

describe('the laws of De Morgan', () => {
  test('hold for any number of statements', () => {
    const property = fc.property(fc.array(truth), (values) => {
      const judges = values.map(say)
      const turned = judges.map(not)
      expect(ask(not(all(judges)))).toBe(ask(any(turned)))
      expect(ask(not(any(judges)))).toBe(ask(all(turned)))
    })
    fc.assert(property)
  })
})

test('a certain answer stays when more becomes known', () => {
  const values = fc.array(fc.tuple(truth, fc.boolean()), { maxLength: 4 })
  const property = fc.property(values, fc.constantFrom(allOf, anyOf), (given, combine) => {
    const before = combine(...given.map(([value]) => value))
    fc.pre(before !== undefined)
    expect(combine(...given.map(([value, otherwise]) => value ?? otherwise))).toBe(before)
  })
  fc.assert(property)
})
