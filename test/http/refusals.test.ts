import { expect, test } from 'vitest'
import { REFUSALS } from '../../src/http/refusals.ts'
import type { RefusalCode, RefusalFacts } from '../../src/policy/refusal.ts'

/** Named one by one, so that a code that is added or lost is noticed. */
const STATUSES: Readonly<Record<RefusalCode, number>> = {
  path_ambiguous: 400,
  request_malformed: 400,
  head_too_large: 431,
  request_too_slow: 408,
  method_not_allowed: 405,
  credential_missing: 401,
  credential_ambiguous: 400,
  token_unknown: 403,
  token_disabled: 403,
  token_not_yet_valid: 403,
  token_expired: 403,
  network_not_allowed: 403,
  repository_not_covered: 403,
  eula_not_accepted: 403,
  package_not_covered: 403,
  published_too_late: 403,
  leads_around_gate: 403,
  downloads_used_up: 403,
  clients_used_up: 403,
  bandwidth_used_up: 403,
  rate_exceeded: 429,
  concurrency_exceeded: 429,
  not_found: 404,
  setup_missing: 404,
  upstream_failed: 502,
  upstream_timeout: 504,
  store_unavailable: 503,
  internal_error: 500,
}
const rows = Object.entries(REFUSALS)
const FACTS: readonly RefusalFacts[] = [
  {},
  { at: 1_767_225_600_000, used: 3, limit: 3, why: 'an encoded slash' },
  { revision: 2, url: 'https://packages.example.com/basic/acme/stable/' },
  { at: 1e300, used: 0, limit: 0 },
  { at: Number.NaN },
  { at: -62_135_596_800_001 },
]

test('has a row for every code, with the status that its meaning asks for', () => {
  expect(Object.fromEntries(rows.map(([code, { status }]) => [code, status]))).toEqual(STATUSES)
})

test.each(rows)('%s has a title that fits into a status line', (_, { title }) => {
  expect(title).toMatch(/^[\u0020-\u007e]{1,60}$/)
})

test.each(rows)('%s explains itself in one printable line, whatever facts it is given', (_, { detail }) => {
  for (const facts of FACTS) {
    const text = detail(facts)
    expect(text).toMatch(/^[\u0020-\u007e]{10,300}$/)
    expect(text).not.toMatch(/undefined|null|NaN|Invalid|\[object/)
  }
})

test.each(rows)('%s makes clients try again exactly where that can help', (_, { status, retryAfter }) => {
  expect(retryAfter !== undefined).toBe(status === 429 || status === 503)
  expect(retryAfter ?? 1).toBeGreaterThan(0)
  expect(retryAfter ?? 1).toBeLessThanOrEqual(30)
})

test('says since or until when, and how much was used', () => {
  const at = Date.UTC(2026, 0, 31, 12)
  expect(REFUSALS.token_expired.detail({ at })).toContain('expired at 2026-01-31T12:00:00Z.')
  expect(REFUSALS.token_not_yet_valid.detail({ at })).toContain('valid from 2026-01-31T12:00:00Z.')
  expect(REFUSALS.downloads_used_up.detail({ used: 5, limit: 5 })).toContain('(5 of 5)')
  expect(REFUSALS.clients_used_up.detail({ used: 2, limit: 2 })).toContain('(2 of 2)')
  expect(REFUSALS.bandwidth_used_up.detail({ used: 7, limit: 9 })).toContain('(7 of 9 bytes used)')
  expect(REFUSALS.rate_exceeded.detail({ used: 4, limit: 0.5 })).toContain('allows 0.5 requests a second')
  expect(REFUSALS.published_too_late.detail({ at })).toContain('until 2026-01-31T12:00:00Z;')
})

test('says nothing about a package or a token that would tell which exist', () => {
  expect(REFUSALS.package_not_covered.detail({ why: 'secret-package' })).not.toContain('secret-package')
  expect(REFUSALS.not_found.detail({ why: 'secret-package' })).not.toContain('secret-package')
})
