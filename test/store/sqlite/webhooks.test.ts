import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import type { Webhook } from '../../../src/store/contract/events.ts'
import { newDelivery } from '../../../src/store/new-delivery.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { createDeliveryInsert } from '../../../src/store/sqlite/event-rows.ts'
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/processes.ts'
import { newEvent, newWebhook } from '../conformance/events.ts'
import { countersOf, newName, NOW } from '../conformance/fixtures.ts'

let directory: TemporaryDirectory
beforeAll(async () => {
  directory = await temporaryDirectory('webhooks')
})
afterAll(() => directory.remove())

/** A store in which a webhook, and another one, have so many deliveries that wait. */
async function openWith(file: string, webhook: Webhook, other: Webhook, each: number): Promise<Store> {
  const store = await openSqliteStore({
    file,
    synchronous: 'normal',
    processId: newName(),
    clock: () => NOW,
  })
  await store.webhooks.create(webhook)
  await store.webhooks.create(other)
  const database = openDatabase(file, 'normal')
  const insert = createDeliveryInsert(database)
  database.exec('BEGIN IMMEDIATE')
  for (let index = 0; index < each; index++) {
    for (const { id } of [webhook, other]) insert(newDelivery(`${id} ${index}`, id, newEvent(), NOW))
  }
  database.exec('COMMIT')
  database.close()
  return store
}

test('downloads are counted while the many deliveries of a deleted webhook go', async () => {
  const [webhook, other, token] = [newWebhook(), newWebhook(), newName()]
  const store = await openWith(join(directory.path, 'many.db'), webhook, other, 20_000)
  const state = { isDeleted: false }
  const deletion = store.webhooks.delete(webhook.owner, webhook.id).finally(() => {
    state.isDeleted = true
  })
  let counted = 0
  while (!state.isDeleted) {
    const seen = { token, downloads: 1, bytes: 1, clients: new Map([['192.0.2.1', 1]]), lastUsedAt: NOW }
    await store.usage.record([seen])
    counted++
  }
  expect(await deletion).toBe(true)
  // One for each of the steps in which they go.
  expect(counted).toBeGreaterThan(20)
  expect((await countersOf(store, token))[0]).toBe(counted)
  expect(await store.events.counts()).toEqual({ waiting: 20_000, dead: 0 })
  const query = { state: null, page: 1, pageSize: 1 }
  expect((await store.events.deliveries({ ...query, webhook: webhook.id })).total).toBe(0)
  expect((await store.events.deliveries({ ...query, webhook: other.id })).total).toBe(20_000)
  await store.close()
})

test('what a process that dies in the middle leaves is in nobody’s way', async () => {
  const [webhook, other] = [newWebhook(), newWebhook()]
  const file = join(directory.path, 'left.db')
  const store = await openWith(file, webhook, other, 3_000)
  const deletion = store.webhooks.delete(webhook.owner, webhook.id).catch((error: unknown) => error)
  // Closed after its first steps, as it would be by a restart.
  await store.ping()
  await store.ping()
  await store.close()
  expect(await deletion).toMatchObject({ code: 'unavailable' })
  const again = await openSqliteStore({ file, synchronous: 'normal', processId: newName(), clock: () => NOW })
  expect(await again.webhooks.read(webhook.owner, webhook.id)).toBeUndefined()
  expect((await again.events.counts()).waiting).toBeGreaterThan(3_000)
  const [claimed] = await again.events.claim(NOW, NOW + 1, 1, [other.id])
  expect(claimed?.webhook).toBe(webhook.id)
  await again.close()
})
