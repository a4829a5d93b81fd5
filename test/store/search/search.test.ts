import { array, assert, asyncProperty } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NEVER_USED } from '../../../src/policy/search/facts.ts'
import type { TokenFilter } from '../../../src/policy/search/filter.ts'
import type { TokenQuery } from '../../../src/store/contract.ts'
import type { SearchBounds } from '../../../src/store/search/bounds.ts'
import { createSearch } from '../../../src/store/search/search.ts'
import { newToken, NOW } from '../conformance/fixtures.ts'
import { createMemoryIndex } from './memory-index.ts'
import { expectedIds, type Used } from './model.ts'
import { anyQuery, anyToken } from './random.ts'

const anyUsed = anyToken.map(({ fields, downloads }): Used => {
  const usage =
    downloads === 0 ? NEVER_USED : { ...NEVER_USED, downloads, clients: 1, lastUsedAt: NOW - downloads }
  return { token: newToken(fields), usage }
})
const EVERYTHING: TokenQuery = {
  owner: 'acme',
  repos: ['deb'],
  page: 1,
  pageSize: 30,
  filter: null,
  order: 'created',
  descending: false,
  now: NOW,
}
const BOUNDS: SearchBounds = {
  candidates: 5_000,
  patience: 1_000_000,
  mostCandidates: 5_000,
  cost: 1_000_000,
  counting: 1_000_000,
}

describe.each<[string, Partial<SearchBounds>, boolean]>([
  ['looking at what may fit', {}, true],
  ['looking at what may fit, as long as metadata has no bits', {}, false],
  ['going along the order', { candidates: -1 }, true],
])('a search, %s', (_way, bounds, knowsPairs) => {
  test('finds what looking at every token finds, in the same order, and counts it', async () => {
    await assert(
      asyncProperty(array(anyUsed, { maxLength: 40 }), anyQuery, async (all, query) => {
        const search = createSearch(createMemoryIndex(all, knowsPairs), { ...BOUNDS, ...bounds })
        const { total, isExact, tokens } = await search(query)
        const expected = expectedIds(all, query)
        const { page, pageSize } = query
        expect(tokens.map(({ slugPerm }) => slugPerm)).toEqual(
          expected.slice((page - 1) * pageSize, page * pageSize),
        )
        expect([total, isExact]).toEqual([expected.length, true])
      }),
      { numRuns: 400 },
    )
  })
})

test('a total that is not exact is never too low, and the page is right all the same', async () => {
  const tight = { ...BOUNDS, candidates: -1, mostCandidates: -1, counting: 0 }
  await assert(
    asyncProperty(array(anyUsed, { maxLength: 40 }), anyQuery, async (all, query) => {
      const { total, isExact, tokens } = await createSearch(createMemoryIndex(all), tight)(query)
      const expected = expectedIds(all, query)
      const { page, pageSize } = query
      expect(tokens.map(({ slugPerm }) => slugPerm)).toEqual(
        expected.slice((page - 1) * pageSize, page * pageSize),
      )
      expect(isExact ? total === expected.length : total >= expected.length).toBe(true)
    }),
    { numRuns: 200 },
  )
})

describe('a search that would go through too much', () => {
  const all = Array.from({ length: 2_000 }, (_, at): Used => ({
    token: newToken({ repo: 'deb', name: `Customer ${at}`, metadata: null }),
    usage: NEVER_USED,
  }))
  const query: TokenQuery = { ...EVERYTHING, filter: { kind: 'name', pattern: 'nobody*5' } }
  const search = createSearch(createMemoryIndex(all), {
    ...BOUNDS,
    candidates: -1,
    mostCandidates: -1,
    cost: 1_000,
    counting: 100,
  })

  test('is refused, and says what to do', async () => {
    await expect(search(query)).rejects.toMatchObject({
      name: 'StoreError',
      code: 'too_broad',
      message: expect.stringContaining('Narrow it'),
    })
  })

  test('is answered as long as its page is found', async () => {
    const found = await search({ ...query, filter: { kind: 'name', pattern: 'customer' } })
    expect(found.tokens).toHaveLength(30)
    expect(found).toMatchObject({ isExact: false, total: 2_000 })
  })

  test('is answered in another way where what is looked for lies together far behind', async () => {
    const far = createSearch(createMemoryIndex(all), {
      ...BOUNDS,
      candidates: 10,
      patience: 100,
      mostCandidates: 500,
      cost: 600,
    })
    const last = { ...query, order: 'name', filter: { kind: 'name', pattern: '^customer 99' } } as const
    const { total, isExact, tokens } = await far({ ...last, page: 2, pageSize: 3 })
    expect([total, isExact]).toEqual([11, true])
    expect(tokens.map(({ name }) => name)).toEqual(['Customer 992', 'Customer 993', 'Customer 994'])
  })

  test('is refused for a page that lies too deep', async () => {
    const deep = { ...query, page: 40, filter: { kind: 'name', pattern: 'customer' } } as const
    await expect(search(deep)).rejects.toMatchObject({ code: 'too_broad' })
  })
})

describe('what many tokens have, each by itself', () => {
  const all = Array.from({ length: 2_000 }, (_, at): Used => ({
    token: newToken({
      repo: 'deb',
      name: at % 40 === 0 ? `Kestrel ${at}` : `Customer ${at}`,
      metadata: { plan: at % 3 === 0 ? 'trial' : 'team', region: at % 50 === 0 ? 'north' : 'south' },
    }),
    usage: NEVER_USED,
  }))
  const has = (path: string, value: string): TokenFilter => ({ kind: 'metadata', path, value })
  const kestrel: TokenFilter = { kind: 'word', pattern: 'kestrel' }
  const ask = async (parts: readonly TokenFilter[], knowsPairs: boolean) => {
    const bounds = { ...BOUNDS, candidates: 30, mostCandidates: 30, cost: 1, counting: 1 }
    const { total, isExact } = await createSearch(
      createMemoryIndex(all, knowsPairs),
      bounds,
    )({ ...EVERYTHING, filter: { kind: 'and', parts } })
    return { total, isExact }
  }

  test.each<[string, readonly TokenFilter[], number]>([
    ['a word and metadata', [kestrel, has('plan', 'trial')], 17],
    ['metadata and metadata', [has('region', 'north'), has('plan', 'trial')], 14],
    ['all three', [has('region', 'north'), kestrel, has('plan', 'trial')], 4],
  ])('is found by its bits together: %s', async (_what, parts, total) => {
    expect(await ask(parts, true)).toEqual({ total, isExact: true })
    await expect(ask(parts, false)).rejects.toMatchObject({ code: 'too_broad' })
  })
})
