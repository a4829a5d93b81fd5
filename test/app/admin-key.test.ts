import { randomBytes, randomInt } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bootstrapKeys } from '../../src/app/admin-key.ts'
import { isPlausibleKey } from '../../src/policy/secret.ts'
import type { Store } from '../../src/store/contract.ts'
import { createSecretKeeper } from '../../src/store/secret-keeper.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { newKey, NOW } from '../store/conformance/fixtures.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

let directory: TemporaryDirectory
let store: Store
const keeper = createSecretKeeper('a server key that is long enough for it', randomBytes)

beforeEach(async () => {
  directory = await temporaryDirectory('admin-key')
  const file = join(directory.path, 'postern.db')
  store = await openSqliteStore({ file, synchronous: 'normal', processId: 'test', clock: Date.now })
})
afterEach(async () => {
  await store.close()
  await directory.remove()
})

const bootstrap = (given?: string) =>
  bootstrapKeys({ keys: store.keys, keeper, given, clock: () => NOW, newId: () => 'id', randomInt })

describe('the first key', () => {
  test('is made in a store that never had one, and may do everything', async () => {
    const { keys, made = '' } = await bootstrap()
    expect(made).toMatch(/^pmk/)
    expect(isPlausibleKey(made)).toBe(true)
    expect(await keys.find(keeper.digest(made))).toMatchObject({
      id: 'id',
      role: 'admin',
      repositories: ['*/*'],
      expiresAt: null,
    })
    expect((await bootstrap()).made).toBeUndefined()
  })

  test('is not made anew where all keys are revoked: nobody asked for one', async () => {
    const { made = '', keys } = await bootstrap()
    await keys.revoke('id', NOW, 'ada')
    expect((await bootstrap()).made).toBeUndefined()
    expect(await keys.find(keeper.digest(made))).toBeUndefined()
  })
})

describe('the key of the environment', () => {
  test('may do everything, beside those of the store, and is not stored', async () => {
    const other = newKey()
    await store.keys.create(other)
    const { keys, made } = await bootstrap('hunter2')
    expect(made).toBeUndefined()
    expect(await keys.find(keeper.digest('hunter2'))).toMatchObject({
      id: 'environment',
      role: 'admin',
      repositories: ['*/*'],
      expiresAt: null,
      revokedAt: null,
    })
    expect(await keys.find(other.digest)).toEqual(other)
    expect(await store.keys.find(keeper.digest('hunter2'))).toBeUndefined()
    expect(await keys.count()).toBe(1)
  })

  test('can not be revoked, listed or changed through the API, whose store does not know it', async () => {
    const { keys } = await bootstrap('hunter2')
    expect(await keys.revoke('environment', NOW, 'ada')).toBe(false)
    expect(await keys.update('environment', { name: 'x', updatedAt: 1, updatedBy: 'x' })).toBeUndefined()
    expect(await keys.list({ page: 1, pageSize: 9, workingAt: null })).toEqual({ total: 0, keys: [] })
    await keys.noteUse([{ digest: keeper.digest('hunter2'), at: NOW, address: '192.0.2.1' }])
    expect(await keys.find(keeper.digest('hunter2'))).toMatchObject({ lastUsedAt: null })
  })

  test('works although the same key was revoked in the store: who starts the program decides', async () => {
    const key = newKey({ digest: keeper.digest('hunter2') })
    await store.keys.create(key)
    await store.keys.revoke(key.id, NOW, 'ada')
    const { keys } = await bootstrap('hunter2')
    expect(await keys.find(key.digest)).toMatchObject({ id: 'environment' })
  })

  test('is refused at the start when it is a generated one with a typo, without being repeated', async () => {
    const typo = 'pmk000000000000000000000000001wTqpN'
    const error: unknown = await bootstrap(typo).catch((reason: unknown) => reason)
    expect(error).toEqual(new Error('POSTERN_ADMIN_KEY has a typo: its checksum is wrong'))
  })
})
