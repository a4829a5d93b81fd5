import { expect, test } from 'vitest'
import { rangeExtent, wholeExtent } from '../../src/deliver/extent.ts'

test('takes the size of a whole file from its length', () => {
  expect(wholeExtent('12')).toEqual({ start: 0, end: 12, size: 12 })
  expect(wholeExtent('0')).toEqual({ start: 0, end: 0, size: 0 })
})

test.each([undefined, '', '-1', '1e3', '1, 1', '0x10', '9'.repeat(30)])(
  'knows no size from the length %j',
  (length) => {
    expect(wholeExtent(length)).toEqual({ start: 0, end: 0, size: null })
  },
)

test('takes a part from its Content-Range', () => {
  expect(rangeExtent('bytes 2-3/9', '2')).toEqual({ start: 2, end: 4, size: 9 })
  expect(rangeExtent('bytes 2-3/*', undefined)).toEqual({ start: 2, end: 4, size: null })
})

test.each([
  [undefined, '2'],
  ['bytes */9', '2'],
  ['bytes 3-2/9', '0'],
  ['bytes 2-9/9', '8'],
  ['bytes 2-3/9', '3'],
  ['bytes 2-3/9, bytes 2-3/9', '2'],
  ['items 2-3/9', '2'],
  [`bytes 0-${'9'.repeat(30)}/*`, undefined],
])('makes nothing of the Content-Range %j with the length %j', (range, length) => {
  expect(rangeExtent(range, length)).toBeUndefined()
})
