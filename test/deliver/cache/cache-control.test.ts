import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCacheControl } from '../../../src/deliver/cache/cache-control.ts'

test('reads directives in any case, with and without values', () => {
  const control = parseCacheControl('Public, MAX-AGE=60 ,no-cache="set-cookie, etag",s-maxage="5"')
  expect(control.has('public')).toBe(true)
  expect(control.has('no-cache')).toBe(true)
  expect(control.seconds('max-age')).toBe(60)
  expect(control.seconds('s-maxage')).toBe(5)
})

test('finds nothing inside a quoted value', () => {
  const control = parseCacheControl('private="no-store, max-age=1"')
  expect(control.has('private')).toBe(true)
  expect(control.has('no-store')).toBe(false)
  expect(control.seconds('max-age')).toBeUndefined()
})

test('does not take a part of a name for a name', () => {
  const control = parseCacheControl('x-no-store, no-store-please')
  expect(control.has('no-store')).toBe(false)
})

test.each(['max-age', 'max-age=', 'max-age=-1', 'max-age=1.5', 'max-age=soon', 'max-age=0x10'])(
  'takes %s for 0 seconds',
  (header) => {
    expect(parseCacheControl(header).seconds('max-age')).toBe(0)
  },
)

test('takes the least of numbers that disagree', () => {
  expect(parseCacheControl('max-age=60, max-age=5').seconds('max-age')).toBe(5)
  expect(parseCacheControl('max-age=60, max-age=soon').seconds('max-age')).toBe(0)
})

test('takes a huge number for a long time', () => {
  expect(parseCacheControl(`max-age=${'9'.repeat(400)}`).seconds('max-age')).toBe(2 ** 31)
})

test('has nothing where there is no header', () => {
  expect(parseCacheControl(undefined).has('no-store')).toBe(false)
  expect(parseCacheControl('').seconds('max-age')).toBeUndefined()
})

test('gives a number of seconds that is none below 0, or none, whatever the header', () => {
  const header = fc.string({ unit: fc.constantFrom(...'max-age=",;0159 \\no') })
  fc.assert(
    fc.property(header, (text) => {
      expect(parseCacheControl(text).seconds('max-age') ?? 0).toBeGreaterThanOrEqual(0)
    }),
  )
})
