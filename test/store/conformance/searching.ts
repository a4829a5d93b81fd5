import { assert, asyncProperty, sample } from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { NEVER_USED, type UsageFacts } from '../../../src/policy/search/facts.ts'
import type { TokenQuery } from '../../../src/store/contract.ts'
import { expectedIds, type Used } from '../search/model.ts'
import { anyQuery, anyToken, REPOS } from '../search/random.ts'
import { DAY_MS, deliver, newDelivery, newToken, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

const COUNT = 60
const LATER = NOW + DAY_MS

export function describeSearching(open: OpenStore): void {
  const stores = useTwoStores(open)
  const all: Used[] = []

  /** What searches know is brought up to date. */
  const refresh = async (now = NOW): Promise<void> => {
    while ((await stores().other.tokens.refreshUsage(now, 7)) > 0);
  }
  const idsOf = async (query: TokenQuery): Promise<readonly string[]> =>
    (await stores().other.tokens.list(query)).tokens.map(({ slugPerm }) => slugPerm)
  const everything: TokenQuery = {
    owner: 'acme',
    repos: REPOS,
    page: 1,
    pageSize: 500,
    filter: null,
    order: 'name',
    descending: false,
    now: NOW,
  }

  beforeAll(async () => {
    const { one } = stores()
    const drawn = sample(anyToken, { numRuns: COUNT, seed: 7 })
    for (const { fields, downloads } of drawn) {
      const token = newToken(fields)
      await one.tokens.create(token)
      for (let count = 0; count < downloads; count++) {
        await deliver(one, newDelivery({ token: token.slugPerm, client: 'c', size: 10, end: 10 }), 10)
      }
      const used: UsageFacts = { downloads, clients: 1, bytes: 0, lastUsedAt: NOW, resetAt: null }
      all.push({ token, usage: downloads === 0 ? NEVER_USED : used })
    }
    // Of others: nothing of them may be found.
    await one.tokens.create(newToken({ owner: 'other', repo: 'deb', name: 'Alpha', metadata: { id: 7 } }))
    const gone = newToken({ repo: 'deb', name: 'Alpha', metadata: { id: 7 } })
    await one.tokens.create(gone)
    await one.tokens.delete(gone.owner, gone.repo, gone.slugPerm, NOW)
    await one.tokens.noteUsed(all.map(({ token }) => token.slugPerm))
    await refresh()
  })

  test('finds what looking at every token finds, in the same order, and counts it', async () => {
    await assert(
      asyncProperty(anyQuery, async (query) => {
        const { total, isExact, tokens } = await stores().other.tokens.list(query)
        const expected = expectedIds(all, query)
        const { page, pageSize } = query
        const ids = tokens.map(({ slugPerm }) => slugPerm)
        expect(ids).toEqual(expected.slice((page - 1) * pageSize, page * pageSize))
        expect([total, isExact]).toEqual([expected.length, true])
      }),
      { numRuns: 150 },
    )
  })

  test('goes on finding tokens as they change', async () => {
    const { one } = stores()
    for (const [at, used] of all.entries()) {
      if (at % 3 !== 0) continue
      const { owner, repo, slugPerm } = used.token
      const change = {
        name: `changed ${at % 5}`,
        isActive: at % 2 === 0,
        validUntil: at % 4 === 0 ? null : LATER,
        metadata: { id: at % 4 },
        updatedAt: NOW,
        updatedBy: 'ada',
      }
      await one.tokens.update(owner, repo, slugPerm, change)
      all[at] = { ...used, token: { ...used.token, ...change } }
    }
    await refresh()
    await assert(
      asyncProperty(anyQuery, async (query) => {
        const expected = expectedIds(all, query)
        const { page, pageSize } = query
        expect(await idsOf(query)).toEqual(expected.slice((page - 1) * pageSize, page * pageSize))
      }),
      { numRuns: 100 },
    )
    const changed = { ...everything, filter: { kind: 'name', pattern: '^changed' } } as const
    expect(await idsOf(changed)).toEqual(expectedIds(all, changed))
  })

  describe('of the use of tokens', () => {
    test('a search is told when it is refreshed, and once', async () => {
      const { one, other } = stores()
      const token = newToken({ repo: 'used' })
      await one.tokens.create(token)
      await refresh()
      const query: TokenQuery = {
        ...everything,
        repos: ['used'],
        filter: { kind: 'figure', figure: 'downloads', least: 1, most: 9 },
      }
      await deliver(one, newDelivery({ token: token.slugPerm }), 10)
      expect(await idsOf(query)).toEqual([])
      await one.tokens.noteUsed([token.slugPerm])
      expect(await other.tokens.refreshUsage(NOW, 10)).toBe(1)
      expect(await idsOf(query)).toEqual([token.slugPerm])
      expect(await other.tokens.refreshUsage(NOW, 10)).toBe(0)
    })

    test('a search knows by itself when a counting period is over', async () => {
      const { one } = stores()
      const token = newToken({ repo: 'daily', resetPeriod: 'Daily', resetAnchor: NOW - 1 })
      await one.tokens.create(token)
      await deliver(one, newDelivery({ token: token.slugPerm, periodStart: NOW - 1 }), 10)
      await one.tokens.noteUsed([token.slugPerm])
      await refresh()
      const query: TokenQuery = {
        ...everything,
        repos: ['daily'],
        filter: { kind: 'figure', figure: 'downloads', least: 1, most: 9 },
      }
      expect(await idsOf(query)).toEqual([token.slugPerm])
      await refresh(NOW + DAY_MS)
      expect(await idsOf(query)).toEqual([])
    })

    test('tokens that do not exist are passed over', async () => {
      await stores().one.tokens.noteUsed(['nobody'])
      await refresh()
      expect(await stores().one.tokens.refreshUsage(NOW, 10)).toBe(0)
    })
  })
}
