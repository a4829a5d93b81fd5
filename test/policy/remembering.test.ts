import { expect, test } from 'vitest'
import { remembering } from '../../src/policy/remembering.ts'

test('equal inputs are worked on once, others apart', () => {
  const worked: string[] = []
  const join = remembering((list: readonly string[]) => {
    worked.push(list.join())
    return { list }
  }, 10)
  expect(join(['a', 'b'])).toBe(join(['a', 'b']))
  expect(join(['a,b'])).not.toBe(join(['a', 'b']))
  expect(worked).toEqual(['a,b', 'a,b'])
})

test('no more is remembered than was said', () => {
  let made = 0
  const count = remembering((text: string) => ({ text, number: ++made }), 2)
  for (const text of ['a', 'b', 'a', 'b']) count(text)
  expect(made).toBe(2)
  expect(count('c').number).toBe(3)
  expect(count('c').number).toBe(3)
  expect(count('a').number).toBe(4)
})
