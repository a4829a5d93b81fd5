import { expect, test } from 'vitest'
import { fieldsOf, type Json } from '../api.ts'
import { describeOnBothStores } from '../both-stores.ts'
import { callAs } from '../call-as.ts'
import { DAY_MS, HOUR_MS, NOW, record, used } from './fixtures.ts'

describeOnBothStores((api) => {
  const names = (leaders: unknown): unknown[] => (leaders as Json[]).map(({ name }) => name)

  test('what tokens used and were refused is told together, and who did most of it', async () => {
    const [many, large, refused] = [
      await api.create({ name: 'Many' }),
      await api.create({ name: 'Large' }),
      await api.create({ name: 'Refused' }),
    ]
    await record(api, used(many.slug_perm, NOW - HOUR_MS, 9, 10, ['192.0.2.1']))
    await record(api, used(large.slug_perm, NOW - 2 * DAY_MS, 2, 5_000, ['192.0.2.1', '192.0.2.2']))
    const refusals = new Map([['token_expired', 7]])
    const hour = NOW - HOUR_MS
    await record(api, {
      usage: [{ token: refused.slug_perm, hour, downloads: 0, bytes: 0, clients: [], refusals }],
    })
    const { body } = await api.call('GET', '/usage/acme/stable/')
    const told = body as Json
    expect(told).toMatchObject({
      interval: 'day',
      considered: 3,
      is_complete: true,
      total: { downloads: 11, bandwidth: 5_010, clients: 2, refusals: { token_expired: 7 } },
    })
    expect(told['buckets']).toHaveLength(31)
    expect(names(told['most_downloads'])).toEqual(['Many', 'Large'])
    expect(names(told['most_bandwidth'])).toEqual(['Large', 'Many'])
    expect(told['most_refusals']).toEqual([
      {
        token: refused.slug_perm,
        name: 'Refused',
        owner: 'acme',
        repository: 'acme/stable',
        downloads: 0,
        bandwidth: 0,
        clients: 0,
        refusals: { token_expired: 7 },
      },
    ])
    expect((await api.call('GET', '/usage/acme/')).body).toMatchObject({ considered: 3 })
    expect((await api.call('GET', '/usage/acme/other/')).body).toMatchObject({ considered: 0 })
    const lately = await api.call('GET', `/usage/acme/?interval=hour&start=${new Date(hour).toISOString()}`)
    expect(lately.body).toMatchObject({ total: { downloads: 9 }, interval: 'hour' })
  })

  test('who may see figures only is told of no token', async () => {
    const token = await api.create({ name: 'Secret customer' })
    await record(api, used(token.slug_perm, NOW - HOUR_MS, 1, 10))
    const metrics = await callAs(api, { role: 'metrics' })
    const { text, body } = await metrics.call('GET', '/usage/acme/')
    expect((body as Json)['most_downloads']).toEqual([])
    expect(text).not.toContain('Secret customer')
    expect(text).not.toContain(token.slug_perm)
  })

  test('a deleted token is passed over', async () => {
    const token = await api.create({ name: 'Gone' })
    await record(api, used(token.slug_perm, NOW - HOUR_MS, 99, 10))
    await api.call('DELETE', `/entitlements/acme/stable/${token.slug_perm}/`)
    expect(names(((await api.call('GET', '/usage/acme/')).body as Json)['most_downloads'])).not.toContain(
      'Gone',
    )
  })

  test.each([
    ['interval=week', 'interval'],
    ['start=yesterday', 'start'],
    ['start=2030-02-01&finish=2030-01-01', 'finish'],
  ])('%s is refused', async (query, field) => {
    expect(Object.keys(fieldsOf(await api.call('GET', `/usage/acme/?${query}`)))).toEqual([field])
  })

  test('of very many tokens only some are looked at, and that is said', async () => {
    const usage = Array.from(
      { length: 2_600 },
      (_, index) => used(`nobodys-${index}`, NOW - HOUR_MS, 1, 1).usage,
    ).flat()
    await record(api, { usage })
    const token = await api.create({ name: 'Big', limit_num_downloads: 1_000_000 })
    const clients = new Map([['192.0.2.1', 1]])
    await api.store.usage.record([
      { token: token.slug_perm, downloads: 500_000, bytes: 1, clients, lastUsedAt: NOW },
    ])
    await api.store.tokens.noteUsed([token.slug_perm])
    await api.store.tokens.refreshUsage(NOW, 100)
    await record(api, used(token.slug_perm, NOW - 20 * DAY_MS, 500_000, 1))
    const { body } = await api.call('GET', '/usage/acme/')
    expect(body).toMatchObject({ is_complete: false })
    expect(names((body as Json)['most_downloads'])[0]).toBe('Big')
  })
})
