import { expect, test } from 'vitest'
import type { Opened } from '../../../src/deliver/contract.ts'
import { deliver, orderFor } from '../orders.ts'
import { createRig, found, TTL_MS, unchanged } from './rig.ts'

const EVERYTHING = { repository: undefined, path: undefined }
const LONG = { 'cache-control': 'max-age=600', etag: '"1"' }

test('after a purge the storage is asked for the whole again', async () => {
  const { deliverer, store, orders } = createRig((_, number) => found(`${number}`, LONG))
  await deliver(deliverer, orderFor('dists/a'))
  expect(store.purge({ repository: 'acme/files', path: 'dists' })).toBe(1)
  expect((await deliver(deliverer, orderFor('dists/a'))).content.toString()).toBe('2')
  expect(orders.at(-1)?.headers).toEqual({})
})

test('a purge also forgets what can’t be kept', async () => {
  const { deliverer, store, orders, reply } = createRig(() => found('a'.repeat(2_000)))
  await deliver(deliverer, orderFor('a'))
  reply(() => found('a', LONG))
  store.purge({ repository: undefined, path: 'a' })
  for (let i = 0; i < 3; i++) await deliver(deliverer, orderFor('a'))
  expect(orders).toHaveLength(2)
})

test('what was asked for before a purge is not kept after it, and nobody joins it', async () => {
  const { promise, resolve } = Promise.withResolvers<Opened>()
  const { deliverer, store, orders } = createRig((_, number) => (number === 1 ? promise : found('new', LONG)))
  const before = deliver(deliverer, orderFor('a'))
  store.purge(EVERYTHING)
  const after = deliver(deliverer, orderFor('a'))
  expect((await after).content.toString()).toBe('new')
  resolve(found('old', LONG))
  expect((await before).content.toString()).toBe('old')
  expect((await deliver(deliverer, orderFor('a'))).content.toString()).toBe('new')
  expect(orders).toHaveLength(2)
})

test('what was confirmed during a purge is not kept, either', async () => {
  const { promise, resolve } = Promise.withResolvers<Opened>()
  const { deliverer, store, advance, reply } = createRig(() => found('old', { etag: '"1"' }))
  await deliver(deliverer, orderFor('a'))
  advance(TTL_MS)
  reply(() => promise)
  const before = deliver(deliverer, orderFor('a'))
  store.purge(EVERYTHING)
  resolve(unchanged(LONG))
  await before
  expect(store.size().objects).toBe(0)
})

test('what is being fetched when a deliverer is closed is not kept', async () => {
  const { promise, resolve } = Promise.withResolvers<Opened>()
  const { deliverer, store } = createRig(() => promise)
  const asked = deliver(deliverer, orderFor('a'))
  const closing = deliverer.close()
  resolve(found('a', LONG))
  await Promise.all([asked, closing])
  expect(store.size().objects).toBe(0)
})
