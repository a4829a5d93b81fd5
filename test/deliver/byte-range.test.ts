import { expect, test } from 'vitest'
import { answersRange, parseRange, resolveRange } from '../../src/deliver/byte-range.ts'

test('reads one range and nothing else', () => {
  expect(parseRange('bytes=0-5')).toEqual({ first: 0, last: 5 })
  expect(parseRange('bytes=7-')).toEqual({ first: 7, last: Infinity })
  expect(parseRange('bytes=-5')).toEqual({ suffix: 5 })
  const others = [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=1-0',
    'bytes=0-1,2-3',
    'bytes=0-1 ',
    'bytes=+1-2',
    'x=0-1',
  ]
  for (const other of others) expect(parseRange(other)).toBeUndefined()
})

test('takes numbers of any length', () => {
  const huge = '9'.repeat(400)
  const range = parseRange(`bytes=0-${huge}`)
  expect(range).toEqual({ first: 0, last: Infinity })
  expect(range && resolveRange(range, 10)).toEqual([0, 10])
  expect(resolveRange({ first: Infinity, last: Infinity }, 10)).toBeUndefined()
  expect(resolveRange({ suffix: Infinity }, 10)).toEqual([0, 10])
})

test('finds no range in an empty file', () => {
  expect(resolveRange({ first: 0, last: Infinity }, 0)).toBeUndefined()
  expect(resolveRange({ suffix: 5 }, 0)).toBeUndefined()
})

test('takes less than was asked for from the same start, never more or elsewhere', () => {
  const asked = { first: 10, last: 19 }
  expect(answersRange(asked, { start: 10, end: 20, size: 100 })).toBe(true)
  expect(answersRange(asked, { start: 10, end: 15, size: null })).toBe(true)
  expect(answersRange(asked, { start: 10, end: 21, size: 100 })).toBe(false)
  expect(answersRange(asked, { start: 9, end: 19, size: 100 })).toBe(false)
  expect(answersRange({ suffix: 5 }, { start: 95, end: 100, size: 100 })).toBe(true)
  expect(answersRange({ suffix: 5 }, { start: 94, end: 100, size: 100 })).toBe(false)
  expect(answersRange({ suffix: 5 }, { start: 0, end: 5, size: 100 })).toBe(false)
})
