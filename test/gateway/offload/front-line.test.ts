import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { frontEnd, wholeOf, type FrontLine } from '../../../src/gateway/offload/front-line.ts'

const WHOLE = { method: 'GET', extent: { start: 0, end: 100_000, size: 100_000 } }
const line = (fields: Partial<FrontLine>): FrontLine => ({
  id: 'x.y',
  status: 200,
  bytes: 100_000,
  isByGate: false,
  userAgent: null,
  ...fields,
})

test.each([
  [{}, { sent: 100_000, beyond: 0, outcome: 'delivered' }],
  [{ bytes: 99_999 }, { sent: 99_999, beyond: 0, outcome: 'aborted' }],
  [
    { status: 499, bytes: 10 },
    { sent: 10, beyond: 0, outcome: 'aborted' },
  ],
  [
    { status: 404, bytes: 153 },
    { sent: 0, beyond: 0, outcome: 'not_found' },
  ],
  [
    { status: 502, bytes: 157 },
    { sent: 0, beyond: 0, outcome: 'upstream_failed' },
  ],
  [
    { status: 304, bytes: 0 },
    { sent: 0, beyond: 0, outcome: 'not_modified' },
  ],
  [{ isByGate: true }, { sent: 0, beyond: 0, outcome: 'aborted' }],
  // The framing of HTTP/2.
  [{ bytes: 101_000 }, { sent: 100_000, beyond: 0, outcome: 'delivered' }],
  [{ bytes: 200_000 }, { sent: 100_000, beyond: 100_000, outcome: 'delivered' }],
] as const)('%j ends as %j', (fields, end) => {
  expect(frontEnd(WHOLE, line(fields))).toEqual(end)
})

test('a whole in place of a part is more than was decided, however small', () => {
  const part = { method: 'GET', extent: { start: 99_999, end: 100_000, size: 100_000 } }
  expect(frontEnd(part, line({ status: 200, bytes: 1_000 }))).toMatchObject({ sent: 1, beyond: 999 })
  expect(frontEnd(part, line({ status: 206, bytes: 1 }))).toMatchObject({ sent: 1, beyond: 0 })
})

test('HEAD sends nothing, whatever the log says', () => {
  const head = { ...WHOLE, method: 'HEAD' }
  expect(frontEnd(head, line({}))).toEqual({ sent: 0, beyond: 0, outcome: 'delivered' })
  expect(wholeOf(head)).toBe(0)
})

test('never more is settled than was reserved', () => {
  const count = fc.nat({ max: 2 ** 40 })
  fc.assert(
    fc.property(count, count, fc.nat({ max: 999 }), count, (start, length, status, bytes) => {
      const extent = { start, end: start + length, size: start + length }
      const { sent, beyond } = frontEnd({ method: 'GET', extent }, line({ status, bytes }))
      expect(sent).toBeLessThanOrEqual(length)
      expect(sent + beyond).toBeLessThanOrEqual(bytes)
    }),
  )
})
