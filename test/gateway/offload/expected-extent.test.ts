import { expect, test } from 'vitest'
import { expectedExtent, rangeOf } from '../../../src/gateway/offload/expected-extent.ts'

const DATE = 'Sun, 29 Nov 2026 12:00:00 GMT'
const WHOLE = { start: 0, end: 100, size: 100 }
const FILE = { extent: WHOLE, headers: ['accept-ranges', 'bytes', 'last-modified', DATE] }

test.each([
  ['bytes=0-0', 0, 1],
  ['bytes=10-19', 10, 20],
  ['bytes=90-', 90, 100],
  ['bytes=-5', 95, 100],
  ['bytes=90-500', 90, 100],
])('%s is that part', (range, start, end) => {
  expect(expectedExtent({ range }, FILE)).toEqual({ start, end, size: 100 })
  expect(rangeOf({ start, end, size: 100 })).toBe(`bytes=${start}-${end - 1}`)
})

test.each([
  'bytes=100-',
  'bytes=5-4',
  'bytes=0-1,3-4',
  'bytes= 0-1',
  'Bytes=0-1',
  'bytes=-0',
  'lines=0-1',
  '',
])('%s is the whole, for another reader may take it for that', (range) => {
  expect(expectedExtent({ range }, FILE)).toEqual(WHOLE)
})

test('a part of what the storage gives only as a whole is the whole', () => {
  expect(expectedExtent({ range: 'bytes=0-0' }, { ...FILE, headers: ['last-modified', DATE] })).toEqual(WHOLE)
})

test('If-Range counts as kept for the very date of the file', () => {
  const extentIf = (condition: string) => expectedExtent({ range: 'bytes=0-0', 'if-range': condition }, FILE)
  expect(extentIf(DATE)).toEqual({ start: 0, end: 1, size: 100 })
  expect(extentIf('Sun, 29 Nov 2026 12:00:01 GMT')).toEqual(WHOLE)
  expect(extentIf('"etag"')).toEqual(WHOLE)
  expect(extentIf('nonsense')).toEqual(WHOLE)
})

test('of an unknown size everything is the whole', () => {
  const unknown = { start: 0, end: 0, size: null }
  expect(expectedExtent({ range: 'bytes=0-0' }, { ...FILE, extent: unknown })).toEqual(unknown)
  expect(rangeOf(unknown)).toBeUndefined()
  expect(rangeOf(WHOLE)).toBeUndefined()
})
