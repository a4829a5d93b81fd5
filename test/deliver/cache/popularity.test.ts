import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPopularity } from '../../../src/deliver/cache/popularity.ts'

const NEVER = Number.MAX_SAFE_INTEGER

test('never guesses lower than what was noted, up to its most', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 20 }), { maxLength: 400 }), (keys) => {
      const popularity = createPopularity(NEVER)
      for (const key of keys) popularity.note(key)
      for (const key of keys) {
        const noted = keys.filter((each) => each === key).length
        expect(popularity.of(key)).toBeGreaterThanOrEqual(Math.min(noted, 15))
      }
    }),
  )
})

test('of ten thousand paths it guesses nearly all exactly', () => {
  const popularity = createPopularity(NEVER)
  const paths = Array.from({ length: 10_000 }, (_, i) => `7\npool/main/t/tool-${i}/tool-${i}_1.0_amd64.deb`)
  for (const path of paths) popularity.note(path)
  const wrong = paths.filter((path) => popularity.of(path) !== 1)
  expect(wrong.length).toBeLessThan(100)
  const strange = paths.filter((path) => popularity.of(`${path}.asc`) !== 0)
  expect(strange.length).toBeLessThan(200)
})

test('counts half of what was before a period', () => {
  const popularity = createPopularity(10)
  for (let i = 0; i < 10; i++) popularity.note('a')
  expect(popularity.of('a')).toBe(5)
  for (let i = 0; i < 10; i++) popularity.note('b')
  expect([popularity.of('a'), popularity.of('b')]).toEqual([2, 5])
})
