import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateConditions, matchesWeakly, type Representation } from '../../src/deliver/conditions.ts'

const MODIFIED = new Date('1994-11-06T08:49:37.250Z')
const ETAG = `"a-${MODIFIED.getTime().toString(16)}"`
const FILE = { size: 10, etag: ETAG, modified: Math.floor(MODIFIED.getTime() / 1000) }
const statusOf = (headers: Record<string, string>, file: Partial<Representation> = {}): number =>
  evaluateConditions(headers, { ...FILE, ...file }).status

test('reads the three forms of an HTTP date', () => {
  for (const date of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ]) {
    expect(statusOf({ 'if-modified-since': date })).toBe(304)
    expect(statusOf({ 'if-unmodified-since': date })).toBe(200)
    expect(statusOf({ range: 'bytes=0-0', 'if-range': date })).toBe(206)
  }
})

test.each([
  '5',
  'garbage 2099',
  '2099-01-01',
  'Thu, 01 Jan 2099 00:00:00',
  '"2099"',
  '',
  'Thu, 99 Jan 2099 00:00:00 GMT',
])('ignores %j, which is no HTTP date', (date) => {
  expect(statusOf({ 'if-modified-since': date })).toBe(200)
  expect(statusOf({ 'if-unmodified-since': date })).toBe(200)
})

test('compares If-Match strongly and If-None-Match weakly', () => {
  expect(statusOf({ 'if-match': ETAG })).toBe(200)
  expect(statusOf({ 'if-match': `"x", ${ETAG}` })).toBe(200)
  expect(statusOf({ 'if-match': '*' })).toBe(200)
  expect(statusOf({ 'if-match': `W/${ETAG}` })).toBe(412)
  expect(statusOf({ 'if-none-match': `W/${ETAG}` })).toBe(304)
})

test('lets an ETag condition outweigh a date', () => {
  expect(statusOf({ 'if-match': ETAG, 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(200)
  expect(statusOf({ 'if-none-match': '"x"', 'if-modified-since': MODIFIED.toUTCString() })).toBe(200)
})

test('checks preconditions before it looks at a range', () => {
  expect(statusOf({ 'if-match': '"x"', range: 'bytes=99-' })).toBe(412)
  expect(statusOf({ 'if-none-match': ETAG, range: 'bytes=99-' })).toBe(304)
})

test('finds an ETag in a list only as a whole', () => {
  expect(matchesWeakly('"a", W/"b"', '"b"')).toBe(true)
  expect(matchesWeakly(' * ', '"b"')).toBe(true)
  expect(matchesWeakly('"ab"', '"b"')).toBe(false)
  expect(matchesWeakly('b', '"b"')).toBe(false)
  expect(matchesWeakly('', '"b"')).toBe(false)
})

test('takes a comma inside a tag for a part of it', () => {
  const etag = '"a,b"'
  expect(statusOf({ 'if-match': '"x", "a,b"' }, { etag })).toBe(200)
  expect(statusOf({ 'if-none-match': '"a,b"' }, { etag })).toBe(304)
  expect(matchesWeakly('"a', '"a')).toBe(false)
})

test('a weak tag of the file answers If-None-Match, and neither If-Match nor If-Range', () => {
  const etag = 'W/"a"'
  expect(statusOf({ 'if-none-match': '"a"' }, { etag })).toBe(304)
  expect(statusOf({ 'if-none-match': 'W/"a"' }, { etag })).toBe(304)
  expect(statusOf({ 'if-match': 'W/"a"' }, { etag })).toBe(412)
  expect(statusOf({ range: 'bytes=0-0', 'if-range': 'W/"a"' }, { etag })).toBe(200)
})

test('a file without validators matches nothing but a star', () => {
  const bare = { etag: undefined, modified: undefined }
  const date = MODIFIED.toUTCString()
  expect(statusOf({ 'if-none-match': '*' }, bare)).toBe(304)
  expect(statusOf({ 'if-match': '*' }, bare)).toBe(200)
  expect(statusOf({ 'if-match': ETAG }, bare)).toBe(412)
  expect(statusOf({ 'if-none-match': ETAG }, bare)).toBe(200)
  expect(statusOf({ 'if-modified-since': date }, bare)).toBe(200)
  expect(statusOf({ 'if-unmodified-since': date }, bare)).toBe(200)
  for (const condition of [ETAG, date, 'nonsense', '']) {
    expect(statusOf({ range: 'bytes=0-0', 'if-range': condition }, bare)).toBe(200)
  }
})

const anyRange = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom(...'0123456789-, =bytes') }).map((text) => `bytes=${text}`),
  fc.tuple(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n })).map(([a, b]) => `bytes=${a}-${b}`),
  fc.bigInt({ min: 0n }).map((n) => `bytes=-${n}`),
)

test('answers any Range with a part that lies inside the file and says so, or none', () => {
  fc.assert(
    fc.property(anyRange, fc.nat(), (range, size) => {
      const { status, extent, headers } = evaluateConditions({ range }, { ...FILE, size })
      const { start, end } = extent
      const length = { 200: size, 206: end - start, 416: 0 }[status as number]
      expect(headers).toContain(String(length))
      expect(headers.includes(`bytes */${size}`)).toBe(status === 416)
      expect(headers.includes(`bytes ${start}-${end - 1}/${size}`)).toBe(status === 206)
      expect(start >= 0 && (start < end || size === 0) && end <= size).toBe(true)
    }),
  )
})
