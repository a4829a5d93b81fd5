import { expect, test } from 'vitest'
import { WHOLE_OWNER } from '../../src/policy/owner-level.ts'
import type { TokenCounts } from '../../src/events/census.ts'
import { createScan } from '../../src/events/scan.ts'
import { expiryEvent } from '../../src/store/usage-events.ts'
import type { EventRecord, EventStore } from '../../src/store/contract/events.ts'
import type { StoredToken, TokenStore, Usage, UsageStore } from '../../src/store/contract.ts'
import { DAY_MS, newToken, NOW } from '../store/conformance/fixtures.ts'

const UNUSED: Usage = { epoch: 3, downloads: 0, clients: 0, bytes: 0, lastUsedAt: null, resetAt: null }
const FREE = { validUntil: null, limitDownloads: null }

/** A look at these tokens, and what it added. */
function lookAt(tokens: readonly StoredToken[], usage: () => Usage = () => UNUSED) {
  const added: EventRecord[] = []
  const censuses: (readonly TokenCounts[])[] = []
  const walk: TokenStore['walk'] = async (_owner, repo, after, limit) => {
    if (repo === WHOLE_OWNER) return []
    const start = tokens.findIndex(({ slugPerm }) => slugPerm === after?.slugPerm) + 1
    return tokens.slice(start, start + limit)
  }
  const read: UsageStore['read'] = async (queries) => queries.map(usage)
  const add: EventStore['add'] = async (events) => {
    added.push(...events)
    return events.map(({ id }) => id)
  }
  const scan = createScan({
    store: { tokens: { walk }, usage: { read }, events: { add } },
    repositories: () => new Map([['acme/deb', { owner: 'acme', repo: 'deb' }]]),
    expiringDays: () => [30, 7, 1],
    onCensus: (counts) => void censuses.push(counts),
    clock: () => NOW,
    pause: async () => undefined,
  })
  return { added, censuses, scan: () => scan(() => false) }
}

test.each([
  [31 * DAY_MS, undefined],
  [30 * DAY_MS, 30],
  [7 * DAY_MS + 1, 30],
  [7 * DAY_MS, 7],
  [DAY_MS, 1],
  [1, 1],
])('a token that ends in %i ms is told of with the fewest days that fit: %s', (ms, days) => {
  const event = expiryEvent(newToken({ validUntil: NOW + ms }), [30, 7, 1], NOW)
  expect(event?.data['days']).toBe(days)
  expect(event?.type).toBe(days === undefined ? undefined : 'token.expiring')
})

test.each([
  [0, 'token.expired'],
  [7 * DAY_MS, 'token.expired'],
  [7 * DAY_MS + 1, undefined],
])('a token that ended %i ms ago: %s', (ms, type) => {
  expect(expiryEvent(newToken({ validUntil: NOW - ms }), [30], NOW)?.type).toBe(type)
})

test('a token that is switched off, or has no end yet, does not expire', () => {
  expect(expiryEvent(newToken({ validUntil: NOW + 1, isActive: false }), [30], NOW)).toBeUndefined()
  const later = newToken({ validFrom: NOW - DAY_MS, validUntil: NOW + 1, startsOnFirstDownload: true })
  expect(expiryEvent(later, [30], NOW)).toBeUndefined()
})

test('another end has another id, the same end the same', () => {
  const token = newToken({ validUntil: NOW + DAY_MS })
  const ids = [token, { ...token, name: 'renamed' }, { ...token, validUntil: NOW + DAY_MS - 1 }].map(
    (each) => expiryEvent(each, [1], NOW)?.id,
  )
  expect(ids[0]).toBe(ids[1])
  expect(ids[0]).not.toBe(ids[2])
})

test('a look finds ends, limits and clients of all tokens, over steps, once', async () => {
  const tokens = Array.from({ length: 450 }, () => newToken({ ...FREE, limitDownloads: 10 }))
  const { added, scan } = lookAt(tokens, () => ({ ...UNUSED, downloads: 8, clients: 2 }))
  await scan()
  expect(added).toHaveLength(900)
  expect(new Set(added.map(({ type }) => type))).toEqual(new Set(['limit.warning', 'client.new']))
  await scan()
  expect(added).toHaveLength(900)
})

test('bandwidth that is used up has to be so at two looks: a delivery may have reserved it all', async () => {
  let bytes = 100
  const { added, scan } = lookAt([newToken({ ...FREE, limitBandwidth: 100 })], () => ({ ...UNUSED, bytes }))
  await scan()
  bytes = 10
  await scan()
  expect(added).toEqual([])
  bytes = 100
  await scan()
  await scan()
  expect(added.map(({ id }) => id.replace(/^limit:[^:]*/, ''))).toEqual([':3:bandwidth:100:100'])
})

test('a look counts all tokens by state, those that expire soon and those that are nearly used up', async () => {
  const home = { owner: 'acme', repo: 'deb' }
  const tokens = [
    newToken(FREE),
    newToken({ ...FREE, isActive: false, limitDownloads: 10 }),
    newToken({ ...FREE, validUntil: NOW }),
    newToken({ ...FREE, validUntil: NOW + 7 * DAY_MS }),
    newToken({ ...FREE, validUntil: NOW + 7 * DAY_MS + 1 }),
    newToken({ ...FREE, validFrom: NOW + 1 }),
    newToken({ ...FREE, limitDownloads: 10 }),
    newToken({ ...FREE, limitDownloads: 8 }),
    newToken({ ...FREE, limitDownloads: 11 }),
  ].map((token) => ({ ...token, ...home }))
  const { censuses, scan } = lookAt(tokens, () => ({ ...UNUSED, downloads: 8 }))
  await scan()
  expect(censuses).toEqual([
    [
      {
        repository: 'acme/deb',
        states: { active: 5, disabled: 1, expired: 1, not_yet_valid: 1, used_up: 1 },
        expiring: 1,
        nearlyUsedUp: 1,
      },
    ],
  ])
})
