import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { errorOf } from '../../../src/console/api/errors.ts'
import { eventWords, fieldChanges } from '../../../src/console/words/changes.ts'
import { duration } from '../../../src/console/words/durations.ts'
import { count, size } from '../../../src/console/words/figures.ts'
import { axisInstant, dateTime, fromNow } from '../../../src/console/words/instants.ts'
import { gaugesOf, limitFacts, tightestGauge } from '../../../src/console/words/limits.ts'
import { homeOf, tokenPlaces } from '../../../src/console/words/places.ts'
import { sortRefusals } from '../../../src/console/words/refusals.ts'
import { rightsOfSelf } from '../../../src/console/session/rights.ts'
import { placeInTyped, tokenQuery } from '../../../src/console/words/token-query.ts'
import { tokenWith } from './token.ts'

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [1_500_000, '1.5 MB'],
  [999_999, '1 MB'],
  [2_000_000_000, '2 GB'],
  [Number.MAX_SAFE_INTEGER, '9.01 PB'],
])('%d bytes are %s', (bytes, words) => {
  expect(size(bytes)).toBe(words)
})

test('every size has at most three digits and a unit', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      expect(size(bytes)).toMatch(/^\d[\d.]{0,4} (bytes?|[kMGTPE]B)$/)
    }),
  )
})

test.each([
  [86_400, '1 day'],
  [604_800, '7 days'],
  [7_200, '2 hours'],
  [90, '90 seconds'],
])('%d seconds are %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words)
})

test('instants are told in UTC, wherever the browser stands', () => {
  expect(dateTime(Date.UTC(2026, 11, 1))).toBe('1 December 2026, 00:00 UTC')
  expect(axisInstant(Date.UTC(2026, 11, 1))).toBe('1 Dec')
  expect(axisInstant(Date.UTC(2026, 11, 1, 14))).toBe('14:00')
})

test.each([
  [0, 'in less than a minute'],
  [-1, 'just now'],
  [3 * 86_400_000, 'in 3 days'],
  [47 * 3_600_000, 'tomorrow'],
  [-90 * 60_000, '1 hour ago'],
  [-400 * 86_400_000, '13 months ago'],
])('what is %d ms away is %s', (distance, words) => {
  expect(fromNow(1_900_000_000_000 + distance, 1_900_000_000_000)).toBe(words)
})

test('gauges say what is used of what; a limit of nothing is used up', () => {
  const token = tokenWith({ downloads: 3, limit_num_downloads: 10, limit_num_clients: 0, bandwidth: 1_234 })
  expect(gaugesOf(token)).toEqual([
    { title: 'Downloads', words: '3 of 10', share: 0.3 },
    { title: 'Clients', words: '0 of 0', share: 1 },
    { title: 'Bandwidth', words: '1.23 kB, not limited', share: null },
  ])
  expect(tightestGauge(token)?.title).toBe('Clients')
  expect(tightestGauge(tokenWith())).toBeUndefined()
})

test('of limits only those are told that are set; an empty list is one', () => {
  expect(limitFacts(tokenWith())).toEqual([])
  expect(limitFacts(tokenWith({ limit_packages: [], limit_rate: 5, clients_window: 86_400 }))).toEqual([
    { title: 'Packages', words: 'none' },
    { title: 'Clients are forgotten', words: 'after 1 day unseen' },
    { title: 'Requests a second', words: '5' },
  ])
})

test('reasons of refusals come with the most frequent first', () => {
  expect(sortRefusals({ token_expired: 2, downloads_used_up: 5 })).toEqual([
    { code: 'downloads_used_up', title: 'Downloads used up', count: 5 },
    { code: 'token_expired', title: 'Token expired', count: 2 },
  ])
})

test('changes are told field by field; an event that nobody knows by its name', () => {
  expect(eventWords({ event: 'repo.entitlement.reset' })).toBe('The counters of a token were set to zero.')
  expect(eventWords({ event: 'of.tomorrow' as 'api_key.created' })).toBe('of.tomorrow')
  const changes = { limit_num_downloads: { before: null, after: 20 }, name: { before: 'A', after: 'B' } }
  expect(fieldChanges({ changes })).toEqual([
    { title: 'limit num downloads', removed: ['nothing'], added: ['20'] },
    { title: 'name', removed: ['A'], added: ['B'] },
  ])
})

test('a state narrows what was typed, whatever that is', () => {
  expect(tokenQuery(' a OR b ', 'expired')).toBe('(a OR b) state:expired')
  expect(tokenQuery('', 'ends_soon')).toBe('expires:>now expires:<+30d')
  expect(tokenQuery('a', '')).toBe('a')
  expect(tokenQuery('a', 'toString')).toBe('a')
})

test('places in a message are those of what was typed', () => {
  expect(placeInTyped('character 2: no', 'zoo', 'active')).toBe('character 1: no')
  expect(placeInTyped('character 5: no', 'zoo stat:x', '')).toBe('character 5: no')
  expect(placeInTyped('character 3: no', '  x', '')).toBe('character 3: no')
  expect(placeInTyped('character 99: no', 'x', 'active')).toBe('character 1: no')
})

const repository = (namespace: string, name: string) => ({
  namespace,
  name,
  format: 'raw' as const,
  is_public: false,
  cdn_url: '',
})

test('all of an owner is offered to whom the key covers it', () => {
  const repositories = [repository('b', 'one'), repository('a', 'two'), repository('a', 'one')]
  const places = (globs: readonly string[]): string[] =>
    tokenPlaces(repositories, rightsOfSelf({ role: 'viewer', repositories: globs })).map(
      ({ owner, repo }) => `${owner}/${repo}`,
    )
  expect(places(['*/*'])).toEqual(['a/*', 'a/two', 'a/one', 'b/*', 'b/one'])
  expect(places(['a/*'])).toEqual(['a/*', 'a/two', 'a/one', 'b/one'])
  expect(places(['a/one'])).toEqual(['a/two', 'a/one', 'b/one'])
})

test('a token is at home in its repository, or with its owner', () => {
  expect(homeOf(tokenWith())).toEqual({ owner: 'acme', repo: 'stable' })
  expect(homeOf(tokenWith({ repository: null }))).toEqual({ owner: 'acme', repo: '*' })
})

test.each([
  [401, {}, 'signed_out', 'You are not signed in.'],
  [403, { detail: 'No.' }, 'forbidden', 'No.'],
  [404, { detail: 'Not found.' }, 'not_found', 'This is not here'],
  [412, {}, 'changed', 'Somebody else changed this since you opened it'],
  [422, { detail: 'Invalid input.', fields: { name: ['Too long.'] } }, 'invalid', 'Too long.'],
  [429, { detail: 'Wait 5 seconds.' }, 'busy', 'Wait 5 seconds.'],
  [503, undefined, 'busy', 'Postern is busy'],
  [500, '<html>', 'failed', 'Postern failed with an error 500'],
  [502, null, 'failed', 'Postern failed with an error 502'],
])('a %i with %j is %s, in words', (status, body, code, message) => {
  const error = errorOf(status, body)
  expect(error.code).toBe(code)
  expect(error.message).toContain(message)
})

test('counts are grouped', () => {
  expect(count(1_000_000)).toBe('1,000,000')
})
