import { beforeAll, describe, expect, test } from 'vitest'
import type { TokenFilter } from '../../../src/policy/search/filter.ts'
import type { StoredToken, TokenQuery } from '../../../src/store/contract.ts'
import { newToken, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

const NAMES = ['zebra', 'Zebra', 'apple', '50% off_er', '50 off', 'ÄPFEL', 'twin', 'twin', '[a-z]*']

export function describeListing(open: OpenStore): void {
  const stores = useTwoStores(open)
  const repo = 'listed'
  const tokens = NAMES.map((name) => newToken({ repo, name, isActive: name !== 'apple' }))
  beforeAll(async () => {
    const { one } = stores()
    for (const token of tokens) await one.tokens.create(token)
    await one.tokens.create(newToken({ name: 'elsewhere' }))
    await one.tokens.create(newToken({ repo, owner: 'other', name: 'foreign' }))
    const gone = newToken({ repo, name: 'gone' })
    await one.tokens.create(gone)
    await one.tokens.delete(gone.owner, repo, gone.slugPerm, NOW)
  })
  const all: TokenQuery = {
    owner: 'acme',
    repos: [repo],
    page: 1,
    pageSize: 100,
    filter: null,
    order: 'name',
    descending: false,
    now: NOW,
  }
  const word = (pattern: string): TokenFilter => ({ kind: 'word', pattern })
  const names = async (query: Partial<TokenQuery>): Promise<readonly string[]> => {
    const { total, isExact, tokens: found } = await stores().other.tokens.list({ ...all, ...query })
    expect([total, isExact]).toEqual([found.length, true])
    return found.map(({ name }) => name)
  }

  test('all tokens of the repository come by name, in the order of code points', async () => {
    const expected = ['50 off', '50% off_er', 'Zebra', '[a-z]*', 'apple', 'twin', 'twin', 'zebra', 'ÄPFEL']
    expect(await names({})).toEqual(expected)
    expect(await names({ descending: true })).toEqual(expected.toReversed())
  })

  test('tokens of one name come by their ids, in the same direction', async () => {
    const twins = tokens.filter(({ name }) => name === 'twin')
    const { list } = stores().one.tokens
    expect((await list({ ...all, filter: word('twin') })).tokens).toEqual(twins)
    expect((await list({ ...all, filter: word('twin'), descending: true })).tokens).toEqual(
      twins.toReversed(),
    )
  })

  test('only active ones, if asked', async () => {
    const active = await names({ filter: { kind: 'active', isActive: true } })
    expect(active).toHaveLength(NAMES.length - 1)
    expect(active).not.toContain('apple')
  })

  describe('a search', () => {
    test.each([
      ['%', ['50% off_er']],
      ['_', ['50% off_er']],
      ['z]*', ['[a-z]*']],
      ['[a', ['[a-z]*']],
      ['ZEBRA', ['Zebra', 'zebra']],
      ['äpf', ['ÄPFEL']],
      ['ppl', ['apple']],
      ["' OR '1'='1", []],
      ['gone', []],
    ])('for %j finds that part of the name', async (search, expected) => {
      expect(await names({ filter: word(search) })).toEqual(expected)
    })

    test('for a whole slug_perm finds its token, for a part of it nothing', async () => {
      const slugPerm = tokens[2]?.slugPerm ?? ''
      expect(await names({ filter: word(slugPerm) })).toEqual(['apple'])
      expect(await names({ filter: word(slugPerm.slice(0, -1)) })).toEqual([])
    })

    test('is narrowed by another term', async () => {
      expect(
        await names({ filter: { kind: 'and', parts: [word('apple'), { kind: 'active', isActive: true }] } }),
      ).toEqual([])
    })
  })

  test('pages add up to the whole list, and the total is that of all pages', async () => {
    const { list } = stores().one.tokens
    const whole = await list(all)
    const pages = await Promise.all([1, 2, 3].map((page) => list({ ...all, page, pageSize: 4 })))
    expect(pages.map(({ tokens: page }) => page.length)).toEqual([4, 4, 1])
    expect(pages.flatMap(({ tokens: page }) => page)).toEqual(whole.tokens)
    expect(pages.map(({ total }) => total)).toEqual([9, 9, 9])
  })

  test('a page past the end is empty and tells the total', async () => {
    expect(await stores().one.tokens.list({ ...all, page: 7, pageSize: 4 })).toEqual({
      total: 9,
      isExact: true,
      tokens: [],
    })
  })

  test('a walk meets every token once, in the order of the list, whatever the steps', async () => {
    const { walk, list } = stores().one.tokens
    const { tokens: whole } = await list(all)
    for (const limit of [1, 2, 5, 100]) {
      const met: StoredToken[] = []
      for (let last: StoredToken | null = null; ;) {
        const step: readonly StoredToken[] = await walk('acme', repo, last, limit)
        expect(step.length).toBeLessThanOrEqual(limit)
        last = step.at(-1) ?? null
        if (last === null) break
        met.push(...step)
      }
      expect(met).toEqual(whole)
    }
    expect(await walk('acme', 'empty', null, 5)).toEqual([])
  })

  test('a walk goes on behind a token that is gone', async () => {
    const { tokens: store } = stores().one
    const place = { repo: 'walked' }
    const [first, second, third] = ['a', 'b', 'c'].map((name) => newToken({ ...place, name }))
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were made')
    for (const token of [first, second, third]) await store.create(token)
    expect(await store.walk('acme', 'walked', null, 2)).toEqual([first, second])
    await store.delete('acme', 'walked', second.slugPerm, NOW)
    expect(await store.walk('acme', 'walked', second, 2)).toEqual([third])
  })

  test('a repository without tokens has an empty list', async () => {
    expect(await stores().one.tokens.list({ ...all, repos: ['empty'] })).toEqual({
      total: 0,
      isExact: true,
      tokens: [],
    })
  })
}
