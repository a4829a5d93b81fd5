import { beforeAll, describe, expect, test } from 'vitest'
import { readTokenSearch } from '../../src/admin/token-search.ts'
import { StoreError } from '../../src/store/contract.ts'
import { fieldsOf, startApi, TOKENS, useApi, type Answered, type Json } from './api.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2030, 0, 1)

function names({ status, body, text }: Answered): unknown[] {
  if (status !== 200) throw new Error(text)
  return (body as Json[]).map(({ name }) => name)
}

describe('a search', () => {
  const api = useApi()
  const search = (query: string, more: Readonly<Record<string, string>> = {}): Promise<Answered> =>
    api.call('GET', `${TOKENS}?${new URLSearchParams({ query, ...more }).toString()}`)

  beforeAll(async () => {
    await api.create({
      name: 'Ajax GmbH',
      metadata: { customer: 4711, plan: 'gold' },
      limit_num_downloads: 2,
    })
    await api.create({ name: 'Ajax (trial)', limit_date_range_to: '2029-12-31', metadata: { plan: 'trial' } })
    await api.create({ name: 'Bolt', is_active: false, limit_bandwidth: 5, limit_bandwidth_unit: 'Gigabyte' })
    await api.create({
      name: 'Crane',
      limit_date_range_from: '2030-02-01',
      limit_date_range_to: '2030-03-01',
    })
    const all = (await api.call('GET', TOKENS)).body as Json[]
    const ajax = all.find(({ name }) => name === 'Ajax GmbH')
    const clients = new Map([['192.0.2.1', 2]])
    const token = String(ajax?.['slug_perm'])
    await api.store.usage.record([
      { token, downloads: 2, bytes: 3_000_000, clients, lastUsedAt: NOW - DAY_MS },
    ])
    await api.store.tokens.noteUsed([token])
    await api.store.tokens.refreshUsage(NOW, 10)
  })

  test.each([
    ['ajax', ['Ajax (trial)', 'Ajax GmbH']],
    ['ajax gmbh', ['Ajax GmbH']],
    ['name:^ajax', ['Ajax (trial)', 'Ajax GmbH']],
    ['name:"(trial)"', ['Ajax (trial)']],
    ['NOT ajax', ['Bolt', 'Crane']],
    ['bolt OR crane', ['Bolt', 'Crane']],
    ['(bolt OR ajax) active:true', ['Ajax (trial)', 'Ajax GmbH']],
    ['name:~ajax', ['Bolt', 'Crane']],
    ['active:false', ['Bolt']],
    ['active:True', ['Ajax (trial)', 'Ajax GmbH', 'Crane']],
    ['state:disabled', ['Bolt']],
    ['state:expired', ['Ajax (trial)']],
    ['state:not_yet_valid', ['Crane']],
    ['state:used_up', ['Ajax GmbH']],
    ['state:active', []],
    ['downloads:2', ['Ajax GmbH']],
    ['downloads:>2', []],
    ['downloads:>=2', ['Ajax GmbH']],
    ['downloads:<1', ['Ajax (trial)', 'Bolt', 'Crane']],
    ['clients:1', ['Ajax GmbH']],
    ['bandwidth_usage:>2.5MB', ['Ajax GmbH']],
    ['bandwidth_limit:5GB', ['Bolt']],
    ['bandwidth_limit:none NOT state:disabled', ['Ajax (trial)', 'Ajax GmbH', 'Crane']],
    ['expires:none', ['Ajax GmbH', 'Bolt']],
    ['expires:<2030-01-01', ['Ajax (trial)']],
    ['expires:<=+90d', ['Ajax (trial)', 'Crane']],
    ['expires:2030-03-01', ['Crane']],
    ['limit_date_to:2029-12-31T00:00:00Z', ['Ajax (trial)']],
    ['limit_date_from:>now', ['Crane']],
    ['limit_date_from:none name:bo', ['Bolt']],
    ['created:2030-01-01', ['Ajax (trial)', 'Ajax GmbH', 'Bolt', 'Crane']],
    ['created:>now', []],
    ['last_used:>-2d', ['Ajax GmbH']],
    ['last_used:none', ['Ajax (trial)', 'Bolt', 'Crane']],
    ['last_reset:none crane', ['Crane']],
    ['metadata.customer:4711', ['Ajax GmbH']],
    ['metadata.plan:trial OR metadata.plan:gold', ['Ajax (trial)', 'Ajax GmbH']],
    ['metadata.plan:tri', []],
    ['identifier:nobody', []],
    ['repository:stable bolt', ['Bolt']],
  ])('%s finds %j', async (query, expected) => {
    const answer = await search(query)
    expect(names(answer)).toEqual(expected)
    expect(answer.headers.get('x-pagination-count')).toBe(String(expected.length))
    expect(answer.headers.get('x-pagination-count-is')).toBeNull()
  })

  test.each([
    ['name', ['Ajax (trial)', 'Ajax GmbH', 'Bolt', 'Crane']],
    ['created', ['Ajax GmbH', 'Ajax (trial)', 'Bolt', 'Crane']],
    ['expires', ['Ajax (trial)', 'Crane', 'Ajax GmbH', 'Bolt']],
    ['downloads', ['Ajax (trial)', 'Bolt', 'Crane', 'Ajax GmbH']],
    ['last_used', ['Ajax (trial)', 'Bolt', 'Crane', 'Ajax GmbH']],
  ])('sorted by %s and backwards', async (sort, expected) => {
    expect(names(await search('', { sort }))).toEqual(expected)
    expect(names(await search('', { sort: `-${sort}` }))).toEqual(expected.toReversed())
    expect(names(await search('NOT bolt', { sort }))).toEqual(expected.filter((name) => name !== 'Bolt'))
  })

  test('is narrowed by active', async () => {
    expect(names(await search('ajax OR bolt', { active: 'true' }))).toEqual(['Ajax (trial)', 'Ajax GmbH'])
  })

  test('keeps its sort in the links to other pages', async () => {
    const link = (await search('ajax', { sort: '-created', page_size: '1' })).headers.get('link')
    expect(link).toMatch(/query=ajax&sort=-created>; rel="next"/)
  })
})

describe('what is wrong is told with its place', () => {
  test.each([
    ['nam:x', /^character 1: there is no field "nam" \(did you mean name\?\)$/],
    ['ajax stat:active', /^character 6: there is no field "stat" \(did you mean state\?\)$/],
    ['state:busy', /^character 7: this must be one of active, disabled, expired, not_yet_valid, used_up$/],
    ['active:yes', /^character 8: this must be true or false$/],
    ['downloads:many', /^character 11: this must be like 100, with or without >, >=, < or <= before it$/],
    ['downloads:none', /^character 11: this must be like 100, with or without >, >=, < or <= before it$/],
    ['expires:soon', /^character 9: this must be like 2030-12-31, /],
    ['created:2030-02-30', /^character 9: /],
    ['bandwidth_usage:5XB', /^character 17: this must be like 500MB, /],
    ['name:', /^character 6: a value is missing$/],
    ['name:>a', /^character 6: names are not compared so; for the very same name write \^name\$$/],
    ['metadata.:x', /^character 1: the key of the metadata is missing$/],
    ['(ajax', /^character 1: this parenthesis is not closed$/],
    ['ajax)', /^character 5: no parenthesis is open here$/],
    ["o'brien", /^character 2: this quote is not closed$/],
    ['a AND', /^character 6: a term is missing here$/],
    ['a and b', /^character 3: write AND in capitals, or the word in quotes$/],
    [
      `metadata.k:${'x'.repeat(201)}`,
      /^character 12: keys of up to 100 and values of up to 200 characters are searched$/,
    ],
  ])('%s', (query, message) => {
    const read = readTokenSearch(query, NOW)
    expect(read).toMatchObject({ messages: [expect.stringMatching(message)] })
  })

  test('all terms at once', () => {
    expect(readTokenSearch('state:x downloads:y', NOW)).toMatchObject({ messages: { length: 2 } })
  })

  test('as a 422 that names the parameter', async () => {
    await using api = await startApi()
    const answer = await api.call('GET', `${TOKENS}?query=state:x&sort=size`)
    expect(Object.keys(fieldsOf(answer)).toSorted()).toEqual(['query', 'sort'])
    expect((await api.call('GET', `${TOKENS}?query=%00`)).status).toBe(422)
    expect((await api.call('GET', `${TOKENS}?query=(`)).status).toBe(422)
  })
})

describe('a search that the store does not finish', () => {
  test.each([
    ['too_broad', 422, null],
    ['not_ready', 503, '30'],
  ] as const)('%s is a %i with the reason', async (code, status, retryAfter) => {
    await using api = await startApi({
      wrapStore: (store) => ({
        ...store,
        tokens: {
          ...store.tokens,
          list: async () => {
            throw new StoreError(code, 'Because of this.')
          },
        },
      }),
    })
    const answer = await api.call('GET', TOKENS)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(answer.text).toContain('Because of this.')
  })

  test('but whose page is known says that the count is the most there can be', async () => {
    await using api = await startApi({
      wrapStore: (store) => ({
        ...store,
        tokens: { ...store.tokens, list: async () => ({ total: 1_000, isExact: false, tokens: [] }) },
      }),
    })
    const { headers } = await api.call('GET', TOKENS)
    expect([headers.get('x-pagination-count'), headers.get('x-pagination-count-is')]).toEqual([
      '1000',
      'at-most',
    ])
  })
})
