import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { FULL_KEY } from '../../../src/store/stored-key.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { newKey, newName, NOW } from '../conformance/fixtures.ts'
import { openStore, serverAt } from './open.ts'

const HASH = 'postern:{tokens}:api-keys'

let server: RedisServer
let store: Store

beforeAll(async () => {
  server = await startRedis()
  store = await openStore(serverAt(server.port))
})
afterAll(async () => {
  await store.close()
  await server[Symbol.asyncDispose]()
})

/** Writes a key as versions without roles did, and gives it as it is to be read now. */
async function writeEarlier() {
  const key = { id: newName(), name: 'ci', digest: newName(), createdAt: NOW }
  await server.command('HSETNX', HASH, key.digest, JSON.stringify(key))
  return { ...FULL_KEY, ...key }
}
const asEarlier = (digest: string): Promise<string> => server.command('HGET', HASH, digest)

describe('a key that a version without roles stored', () => {
  test('may do everything, and is listed with the others', async () => {
    const key = await writeEarlier()
    expect(await store.keys.find(key.digest)).toEqual(key)
    expect(await store.keys.read(key.id)).toEqual(key)
    const { keys } = await store.keys.list({ page: 1, pageSize: 500, workingAt: NOW })
    expect(keys).toContainEqual(key)
  })

  test('goes on working for that version when its use is noted', async () => {
    const key = await writeEarlier()
    await store.keys.noteUse([{ digest: key.digest, at: NOW, address: '192.0.2.1' }])
    expect(await store.keys.find(key.digest)).toMatchObject({ lastUsedAt: NOW })
    expect(JSON.parse(await asEarlier(key.digest))).toMatchObject({ id: key.id, digest: key.digest })
  })

  test('is not known to that version either when it is revoked, limited or replaced', async () => {
    const [revoked, limited, rotated] = [await writeEarlier(), await writeEarlier(), await writeEarlier()]
    const before = await store.keys.count()
    await store.keys.revoke(revoked.id, NOW, 'ada')
    const change = { updatedAt: NOW, updatedBy: 'ada' }
    await store.keys.update(limited.id, { ...change, repositories: ['acme/deb'] })
    await store.keys.update(rotated.id, { ...change, digest: newName() })
    for (const { digest } of [revoked, limited, rotated]) expect(await asEarlier(digest)).toBe('')
    expect(await store.keys.find(revoked.digest)).toBeUndefined()
    expect(await store.keys.find(limited.digest)).toMatchObject({ repositories: ['acme/deb'] })
    expect(await store.keys.find(rotated.digest)).toBeUndefined()
    expect(await store.keys.count()).toBe(before)
  })

  test('keeps its digest to itself', async () => {
    const key = await writeEarlier()
    await store.keys.create(newKey({ digest: key.digest, role: 'viewer' }))
    expect(await store.keys.find(key.digest)).toEqual(key)
  })
})

test('a version without roles finds no key of this one, which it would let do everything', async () => {
  const key = newKey({ role: 'viewer' })
  await store.keys.create(key)
  expect(await asEarlier(key.digest)).toBe('')
})
