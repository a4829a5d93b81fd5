import { describe, expect, test } from 'vitest'
import { StoreError, type Store } from '../../../src/store/contract.ts'
import { newNote } from './audit.ts'
import {
  countersOf,
  granted,
  newDelivery,
  newKey,
  newName,
  newToken,
  NOW,
  useTwoStores,
  type OpenStore,
} from './fixtures.ts'

const BY_ADA = { updatedAt: NOW, updatedBy: 'ada' }
const QUERY = {
  owner: 'acme',
  repos: ['deb'],
  page: 1,
  pageSize: 1,
  filter: { kind: 'word', pattern: 'widget' },
  order: 'created',
  descending: false,
  now: NOW,
} as const
const DELTA = { token: 't', downloads: 1, bytes: 1, clients: new Map(), lastUsedAt: NOW }

const CALLS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  ping: (store) => store.ping(),
  'tokens.find': ({ tokens }) => tokens.find('d'),
  'tokens.create': ({ tokens }) => tokens.create(newToken()),
  'tokens.read': ({ tokens }) => tokens.read('acme', 'deb', 't'),
  'tokens.list': ({ tokens }) => tokens.list(QUERY),
  'tokens.walk': ({ tokens }) => tokens.walk('acme', 'deb', null, 1),
  'tokens.update': ({ tokens }) => tokens.update('acme', 'deb', 't', BY_ADA),
  'tokens.delete': ({ tokens }) => tokens.delete('acme', 'deb', 't', NOW),
  'tokens.sync': ({ tokens }) =>
    tokens.sync({
      source: { owner: 'acme', repo: 'deb' },
      target: { owner: 'acme', repo: 'other' },
      plan: () => [],
      most: 1,
      at: NOW,
      noteOf: (event) => newNote({ event }),
    }),
  'tokens.noteFirstDownload': ({ tokens }) => tokens.noteFirstDownload('acme', 'deb', 't', NOW),
  'tokens.noteUse': ({ tokens }) =>
    tokens.noteUse([{ owner: 'acme', repo: 'deb', slugPerm: 't', digest: 'd', at: NOW }]),
  'tokens.noteUsed': ({ tokens }) => tokens.noteUsed(['t']),
  'tokens.refreshUsage': ({ tokens }) => tokens.refreshUsage(NOW, 10),
  'usage.reserve': ({ usage }) => usage.reserve(newDelivery()),
  'usage.settle': ({ usage }) => usage.settle(RESERVATION, 1, NOW),
  'usage.record': ({ usage }) => usage.record([DELTA]),
  'usage.read': ({ usage }) => usage.read([{ token: 't', periodStart: null }]),
  'usage.reset': ({ usage }) => usage.reset('t', NOW),
  'keys.find': ({ keys }) => keys.find('d'),
  'keys.create': ({ keys }) => keys.create(newKey()),
  'keys.read': ({ keys }) => keys.read('k'),
  'keys.list': ({ keys }) => keys.list({ page: 1, pageSize: 1, workingAt: null }),
  'keys.update': ({ keys }) => keys.update('k', { updatedAt: NOW, updatedBy: 'ada' }),
  'keys.revoke': ({ keys }) => keys.revoke('k', NOW, 'ada'),
  'keys.noteUse': ({ keys }) => keys.noteUse([{ digest: 'd', at: NOW, address: '192.0.2.1' }]),
  'keys.count': ({ keys }) => keys.count(),
  'audit.list': ({ audit }) => audit.list(AUDIT),
  'audit.sweep': ({ audit }) => audit.sweep(NOW),
  'events.waiting': ({ events }) => events.waiting(1),
  'events.claim': ({ events }) => events.claim(NOW, NOW, 1, []),
  'events.lease': ({ events }) => events.lease('l', 'h', NOW, NOW + 1),
  'webhooks.list': ({ webhooks }) => webhooks.list(null),
}
const AUDIT = {
  owner: null,
  repo: null,
  object: null,
  actor: null,
  event: null,
  from: null,
  until: null,
  page: 1,
  pageSize: 1,
} as const
const RESERVATION = {
  granted: true,
  id: 'x:1',
  token: 't',
  client: 'c',
  artifact: 'a',
  epoch: 0,
  charged: 1,
  reservedBytes: 0,
  downloads: 1,
  clients: 1,
  bytes: 0,
} as const

export function describeErrors(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('a store that can be reached answers a ping', async () => {
    await expect(stores().one.ping()).resolves.toBeUndefined()
  })

  test('a store may be closed twice, also at once', async () => {
    const store = await open({ space: stores().space })
    await Promise.all([store.close(), store.close()])
    await expect(store.close()).resolves.toBeUndefined()
  })

  test('what was asked before the store was closed is written', async () => {
    const { one, space } = stores()
    const store = await open({ space })
    const deliveries = Array.from({ length: 20 }, () => newDelivery({ token: 'closing' }))
    const reservations = deliveries.map((delivery) => granted(store, delivery))
    await store.close()
    expect(await Promise.all(reservations)).toHaveLength(20)
    expect(await countersOf(one, 'closing')).toEqual([20, 20, 0])
  })

  test('the other stores go on when one is closed', async () => {
    const { one, space } = stores()
    const store = await open({ space })
    await store.close()
    await expect(granted(one, newDelivery())).resolves.toMatchObject({ charged: 1 })
  })

  describe('after the store was closed', () => {
    test.each(Object.entries(CALLS))('%s rejects with a StoreError', async (_name, call) => {
      const store = await open({ space: newName() })
      await store.close()
      const error = await call(store).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({ code: 'unavailable' })
    })
  })
}
