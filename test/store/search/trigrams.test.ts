import { assert, constantFrom, pre, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { compilePattern, fold } from '../../../src/policy/query/pattern.ts'
import { NAME_SLOTS, slotsOfName, slotsOfPattern } from '../../../src/store/search/trigrams.ts'

const text = string({
  unit: constantFrom('a', 'B', 'ß', 'é', ' ', '*', '-', '\u{1F600}'),
  maxLength: 12,
})

test('every name that a pattern matches has all slots of the pattern', () => {
  assert(
    property(text, text, text, (before, part, after) => {
      const [name, pattern] = [`${before}${part.replaceAll('*', 'x')}${after}`, part]
      const compiled = compilePattern(pattern)
      pre(typeof compiled === 'object' && compiled.matches(fold(name)))
      const slots = slotsOfName(name)
      expect(slotsOfPattern(pattern).filter((slot) => !slots.has(slot))).toEqual([])
    }),
  )
})

test('slots are few, and within their number', () => {
  const slots = slotsOfPattern('a rather long name of a customer that somebody looks for')
  expect(slots).toHaveLength(8)
  expect(slots.every((slot) => slot >= 0 && slot < NAME_SLOTS)).toBe(true)
  expect(slotsOfPattern('^ab$')).toEqual([])
})
