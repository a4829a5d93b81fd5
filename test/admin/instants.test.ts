import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../../src/admin/instants.ts'

test.each([
  ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05.000Z'],
  ['2030-01-02t03:04:05z', '2030-01-02T03:04:05.000Z'],
  ['2030-01-02T03:04:05', '2030-01-02T03:04:05.000Z'],
  ['2030-01-02 03:04:05', '2030-01-02T03:04:05.000Z'],
  ['2030-01-02T03:04', '2030-01-02T03:04:00.000Z'],
  ['2030-01-02', '2030-01-02T00:00:00.000Z'],
  ['2030-01-02T03:04:05.5Z', '2030-01-02T03:04:05.500Z'],
  ['2030-01-02T03:04:05.999999Z', '2030-01-02T03:04:05.999Z'],
  ['2030-01-02T03:04:05+00:00', '2030-01-02T03:04:05.000Z'],
  ['2030-01-02T03:04:05+05:30', '2030-01-01T21:34:05.000Z'],
  ['2030-01-02T03:04:05-0800', '2030-01-02T11:04:05.000Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['1970-01-01', '1970-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
])('%s is %s', (text, instant) => {
  expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(instant)
})

test.each([
  '',
  ' ',
  'now',
  '2030',
  '2030-1-2',
  '2030-01-02T',
  '2030-01-02Z',
  '2030-01-02T03Z',
  '2030-00-01',
  '2030-13-01',
  '2030-01-32',
  '2029-02-29',
  '2030-04-31',
  '2030-01-02T24:00:00Z',
  '2030-01-02T23:60:00Z',
  '2030-01-02T23:59:60Z',
  '2030-01-02T03:04:05.Z',
  '2030-01-02T03:04:05+24:00',
  '2030-01-02T03:04:05+01:60',
  '2030-01-02T03:04:05+1',
  '2030-01-02T03:04:05 Z',
  ' 2030-01-02',
  '2030-01-02\n',
  '٢٠٣٠-٠١-٠٢',
  '+002030-01-02',
  '12030-01-02',
  '0001-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '1970-01-01T00:00:00+01:00',
  '9999-12-31T23:59:59-01:00',
  '1893456000',
  'Tue, 01 Jan 2030 00:00:00 GMT',
])('%j is no instant', (text) => {
  expect(parseInstant(text)).toBeUndefined()
})

test('every instant that is shown is read back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (instant) => {
      expect(parseInstant(formatInstant(instant))).toBe(instant)
    }),
  )
})

test('no text makes it throw or leave the four-digit years', () => {
  const digits = fc.stringMatching(/^[0-9TZ:+. -]{0,30}$/)
  fc.assert(
    fc.property(fc.oneof(fc.string(), digits), (text) => {
      expect(formatInstant(parseInstant(text) ?? 0)).toMatch(/^\d{4}-/)
    }),
  )
})
