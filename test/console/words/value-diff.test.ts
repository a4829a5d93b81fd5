import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffValues } from '../../../src/console/words/value-diff.ts'

test.each([
  [null, 20, ['nothing'], ['20']],
  ['', 'a', ['empty'], ['a']],
  [['a', 'b'], ['b', 'c'], ['a'], ['c']],
  [['a', 'a'], ['a'], ['a'], []],
  [
    ['a', 'b'],
    ['b', 'a'],
    ['a', 'b'],
    ['b', 'a'],
  ],
  [[], null, ['none'], ['nothing']],
  [{ plan: 'trial', id: 1 }, { plan: 'full', id: 1 }, ['plan: trial'], ['plan: full']],
  [{ list: [1] }, {}, ['list: [1]'], ['{}']],
  [true, false, ['true'], ['false']],
])('from %j to %j it lost %j and gained %j', (before, after, removed, added) => {
  expect(diffValues(before, after)).toEqual({ removed, added })
})

test('what is lost and gained tells two different lists apart', () => {
  const words = fc.array(fc.constantFrom<string>('a', 'b', 'c'), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(words, words, (before, after) => {
      const { removed, added } = diffValues(before, after)
      const kept = before.length - removed.length
      expect(after.length - added.length).toBe(kept)
      expect(removed.every((line) => before.includes(line))).toBe(true)
      expect(added.every((line) => after.includes(line))).toBe(true)
    }),
  )
})
