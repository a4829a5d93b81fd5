import { expect, test } from 'vitest'
import { readFreshness, revalidationOf } from '../../../src/deliver/cache/freshness.ts'
import { dateAt, START } from './rig.ts'

type Headers = Readonly<Record<string, string>>

const read = (headers: Headers, receivedAt = START) =>
  readFreshness(Object.entries(headers).flat(), receivedAt)
const revalidation = (headers: Headers) => revalidationOf(Object.entries(headers).flat(), START)

test.each<[string, Headers, number | undefined]>([
  ['nothing', {}, undefined],
  ['max-age', { 'cache-control': 'max-age=60' }, 60_000],
  ['max-age=0', { 'cache-control': 'max-age=0' }, 0],
  ['s-maxage before max-age', { 'cache-control': 'max-age=60, s-maxage=5' }, 5_000],
  ['max-age before Expires', { 'cache-control': 'max-age=60', expires: dateAt(5) }, 60_000],
  ['Expires against Date', { date: dateAt(-100), expires: dateAt(-40) }, 60_000],
  ['Expires without Date', { expires: dateAt(60) }, 60_000],
  ['Expires in the past', { date: dateAt(0), expires: dateAt(-1) }, 0],
  ['Expires: 0', { expires: '0' }, 0],
  ['two Expires', { expires: `${dateAt(60)}, ${dateAt(90)}` }, 0],
  ['no-cache', { 'cache-control': 'no-cache, max-age=60' }, 0],
  ['no-cache of a header', { 'cache-control': 'no-cache="set-cookie", max-age=60' }, 0],
  ['must-revalidate alone', { 'cache-control': 'must-revalidate' }, undefined],
  ['public alone', { 'cache-control': 'public' }, undefined],
])('the lifetime by %s', (_, headers, lifetimeMs) => {
  expect(read(headers)?.lifetimeMs).toBe(lifetimeMs)
})

test.each(['no-store', 'private', 'private, max-age=60', 'private="x-user"', 'NO-STORE', 'public, no-store'])(
  'keeps nothing that says %s',
  (value) => {
    expect(read({ 'cache-control': value })).toBeUndefined()
  },
)

test('takes the age of an answer from its Age or its Date, whichever is more', () => {
  expect(read({ age: '30', date: dateAt(-10) })?.ageMs).toBe(30_000)
  expect(read({ age: '3', date: dateAt(-10) })?.ageMs).toBe(10_000)
  expect(read({ date: dateAt(10) })?.ageMs).toBe(0)
  expect(read({ age: '7, 9' })?.ageMs).toBe(7_000)
  expect(read({ age: '-7' })).toMatchObject({ ageMs: 0, saidAgeMs: undefined })
})

test('asks with both validators', () => {
  const headers = { etag: 'W/"a"', 'last-modified': dateAt(-60), date: dateAt(0) }
  expect(revalidation(headers)).toEqual({ 'if-none-match': 'W/"a"', 'if-modified-since': dateAt(-60) })
  expect(revalidation({ etag: '"a"' })).toEqual({ 'if-none-match': '"a"' })
  expect(revalidation({ 'last-modified': dateAt(-60) })).toEqual({ 'if-modified-since': dateAt(-60) })
})

test('does not ask with what is no validator', () => {
  expect(revalidation({})).toBeUndefined()
  expect(revalidation({ 'last-modified': 'yesterday' })).toBeUndefined()
})

test('does not ask about a file that was modified right before it was sent', () => {
  for (const seconds of [0, -1, 5]) {
    expect(revalidation({ etag: '"a"', 'last-modified': dateAt(seconds), date: dateAt(0) })).toBeUndefined()
    expect(revalidation({ etag: '"a"', 'last-modified': dateAt(seconds) })).toBeUndefined()
  }
  expect(revalidation({ etag: '"a"', 'last-modified': dateAt(-2), date: dateAt(0) })).toBeDefined()
})
