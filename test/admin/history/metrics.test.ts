import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { fieldsOf, startApi, useApi, type Json } from '../api.ts'
import { DAY_MS, delivered, HOUR_MS, NOW, record, used } from './fixtures.ts'

const api = useApi()
const ZERO = { display: '0 B', units: 'bytes', value: 0 }

async function metrics(path: string, kind: 'tokens' | 'packages' = 'tokens'): Promise<Json> {
  const answer = await api.call('GET', `/metrics/${path}`)
  if (answer.status !== 200) throw new Error(answer.text)
  return (answer.body as Record<string, Json>)[kind] ?? {}
}

describe('figures over tokens', () => {
  test('are those of Cloudsmith, with zeroes where nothing was used', async () => {
    const { body } = await api.call('GET', '/metrics/entitlements/acme/other/')
    const none = { average: { value: 0 }, highest: { value: 0 }, lowest: { value: 0 }, total: { value: 0 } }
    expect(body).toEqual({
      tokens: {
        active: 0,
        inactive: 0,
        total: 0,
        bandwidth: { average: ZERO, highest: ZERO, lowest: ZERO, total: ZERO },
        downloads: none,
      },
    })
  })

  test('sum up tokens, and compare those with downloads', async () => {
    const [first, second, idle] = [await api.create(), await api.create(), await api.create()]
    await record(api, used(first.slug_perm, NOW - HOUR_MS, 3, 935))
    await record(api, used(second.slug_perm, NOW - 3 * DAY_MS, 8, 87_900_000))
    await record(api, used(idle.slug_perm, NOW - DAY_MS, 0, 65))
    expect(await metrics('entitlements/acme/stable/')).toEqual({
      active: 2,
      inactive: 1,
      total: 3,
      bandwidth: {
        average: { display: '44.0 MB', units: 'bytes', value: 43_950_468 },
        highest: { display: '87.9 MB', units: 'bytes', value: 87_900_000 },
        lowest: { display: '935 B', units: 'bytes', value: 935 },
        total: { display: '87.9 MB', units: 'bytes', value: 87_901_000 },
      },
      downloads: { average: { value: 6 }, highest: { value: 8 }, lowest: { value: 3 }, total: { value: 11 } },
    })
    expect(await metrics('entitlements/acme/')).toMatchObject({ active: 2, total: 3 })
    expect(await metrics('v1/../entitlements/acme/')).toMatchObject({ total: 3 })
  })

  test('are of those tokens alone that are named, by slug_perm or secret', async () => {
    const [first, second] = [await api.create(), await api.create()]
    await record(api, used(first.slug_perm, NOW, 2, 10))
    await record(api, used(second.slug_perm, NOW, 5, 20))
    const total = async (tokens: string): Promise<unknown> => {
      const query = new URLSearchParams({ tokens }).toString()
      const { total: count, downloads } = await metrics(`entitlements/acme/stable/?${query}`)
      return [count, (downloads as { total: Json }).total['value']]
    }
    expect(await total(first.slug_perm)).toEqual([1, 2])
    expect(await total(`${second.token}, ${first.slug_perm},${first.token}`)).toEqual([2, 7])
  })

  test('refuse tokens that are not there, without a word of what was sent', async () => {
    const token = await api.create()
    const answer = await api.call('GET', `/metrics/entitlements/acme/other/?tokens=nobody,${token.token}`)
    expect(fieldsOf(answer)).toEqual({
      tokens: ['There is no token like number 1.', 'There is no token like number 2.'],
    })
    expect(answer.text).not.toContain(token.token)
  })

  test('are of the hours that were asked for, or of days beyond those that are kept', async () => {
    const { slug_perm } = await api.create()
    for (const ago of [0, 2 * HOUR_MS, DAY_MS, 20 * DAY_MS])
      await record(api, used(slug_perm, NOW - ago, 1, 1))
    const count = async (period: string): Promise<unknown> => {
      const { downloads } = await metrics(`entitlements/acme/stable/?tokens=${slug_perm}&${period}`)
      return (downloads as { total: Json }).total['value']
    }
    expect(await count('')).toBe(4)
    expect(await count('start=2029-12-31T22:30:00Z')).toBe(2)
    expect(await count('start=2029-12-31T00:00:00&finish=2029-12-31T21:59:59%2B00:00')).toBe(1)
    expect(await count('start=2029-12-31&finish=2029-12-31')).toBe(2)
    expect(await count('start=2029-12-12&finish=2029-12-12')).toBe(1)
    expect(await count('finish=2029-12-31')).toBe(3)
  })

  test.each([
    ['start=soon', 'start', 'This is no date or instant'],
    ['finish=2029-02-30', 'finish', 'This is no date or instant'],
    ['start=2029-12-02&finish=2029-12-01', 'finish', 'This must not lie before start.'],
  ])('refuse %s', async (query, field, message) => {
    const answer = await api.call('GET', `/metrics/entitlements/acme/?${query}`)
    expect(fieldsOf(answer)[field]?.[0]).toContain(message)
  })

  test.each([
    'entitlements/nobody/',
    'entitlements/acme/none/',
    'packages/acme/none/',
    'entitlements/acme%2Fstable/',
  ])('of %s are not found', async (path) => {
    expect((await api.call('GET', `/metrics/${path}`)).status).toBe(404)
  })

  test('want a key, as everything here', async () => {
    for (const path of [
      '/metrics/entitlements/acme/',
      '/downloads/acme/stable/?format=csv',
      '/packages/acme/stable/',
    ]) {
      expect((await api.send(path)).status).toBe(401)
    }
  })
})

describe('figures over packages', () => {
  test('are over those that were ever downloaded, in the days that were asked for', async () => {
    const repository = 'acme/other'
    const early = { firstAt: NOW - 9 * DAY_MS, lastAt: NOW - 9 * DAY_MS }
    await record(api, {
      packages: [
        delivered('A', { repository }),
        delivered('B', { repository, bytes: 300, downloads: 2 }),
        delivered('A', { repository, name: 'gadget', ...early }),
      ],
    })
    expect(await metrics('packages/acme/other/', 'packages')).toMatchObject({
      active: 2,
      inactive: 0,
      downloads: { total: { value: 4 }, highest: { value: 3 }, lowest: { value: 1 } },
    })
    expect(await metrics('packages/acme/other/?start=2029-12-31', 'packages')).toMatchObject({
      active: 1,
      inactive: 1,
      total: 2,
      bandwidth: { total: { value: 400 } },
    })
    const { body } = await api.call('GET', '/packages/acme/other/?query=gadget')
    const [{ slug_perm } = {}] = body as Json[]
    for (const word of [slug_perm, 'gadget']) {
      expect(await metrics(`packages/acme/other/?packages=${String(word)}`, 'packages')).toMatchObject({
        total: 1,
        downloads: { total: { value: 1 } },
      })
    }
    expect(await metrics('packages/acme/other/?packages=none', 'packages')).toMatchObject({ total: 0 })
  })

  test('look at no more days than are kept, whatever is asked for', async () => {
    const asked: Parameters<Store['history']['packageTotals']>[0][] = []
    await using watched = await startApi({
      wrapStore: (store) => {
        const packageTotals: Store['history']['packageTotals'] = (query) => {
          asked.push(query)
          return store.history.packageTotals(query)
        }
        return { ...store, history: { ...store.history, packageTotals } }
      },
    })
    for (const query of ['', '?start=1970-01-01&finish=9999-12-31', '?start=9999-01-01&finish=9999-12-31']) {
      expect((await watched.call('GET', `/metrics/packages/acme/stable/${query}`)).status).toBe(200)
    }
    const days = asked.map(({ from, until }) => (until - from) / DAY_MS)
    expect(days).toHaveLength(3)
    expect(Math.max(...days)).toBeLessThan(402)
  })
})
