import { expect, test } from 'vitest'
import { memoize } from '../../src/app/memoize.ts'

function counted(most: number): { ask: (a: string, b: string | undefined) => string; asked: () => number } {
  let count = 0
  const ask = memoize((a: string, b: string | undefined) => {
    count++
    return `${a}/${b}`
  }, most)
  return { ask, asked: () => count }
}

test('an answer is computed once', () => {
  const { ask, asked } = counted(10)
  expect([ask('a', 'b'), ask('a', 'b'), ask('a', undefined), ask('a', undefined)]).toEqual([
    'a/b',
    'a/b',
    'a/undefined',
    'a/undefined',
  ])
  expect(asked()).toBe(2)
})

test('long questions are answered and not kept', () => {
  const { ask, asked } = counted(10)
  for (let i = 0; i < 3; i++) expect(ask('a', 'x'.repeat(500))).toHaveLength(502)
  expect(asked()).toBe(3)
})

test('no more answers are kept than allowed', () => {
  const { ask, asked } = counted(2)
  for (const text of ['a', 'b', 'c', 'a']) ask(text, undefined)
  expect(asked()).toBe(4)
})
