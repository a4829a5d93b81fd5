import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { countersOf, newKey, newName, newToken } from '../store/conformance/fixtures.ts'
import { serverAt } from '../store/redis/open.ts'
import { writeManyTokens } from './many-tokens.ts'
import { backUp, redisPlace, restore, sqliteAt, sqlitePlace, type Place } from './places.ts'

let folder: TemporaryDirectory
let server: RedisServer
let file: string
beforeAll(async () => {
  ;[folder, server] = await Promise.all([temporaryDirectory('restore'), startRedis()])
  file = join(folder.path, 'some.gz')
  await writeManyTokens(file, 1_000)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder.remove()
})

const PLACES: Readonly<Record<string, () => Place>> = {
  SQLite: () => sqlitePlace(folder.path),
  Redis: () => redisPlace(serverAt(server.port)),
}

const LIST = {
  owner: 'acme',
  repos: ['stable'],
  page: 1,
  pageSize: 1,
  filter: null,
  order: 'name',
  descending: false,
  now: 0,
} as const

async function countOf(place: Place): Promise<number> {
  const store = await place.open()
  const { total } = await store.tokens.list(LIST)
  await store.close()
  return total
}

describe.each(Object.entries(PLACES))('a restore into %s', (_, newPlace) => {
  test('refuses a store that has something, and says what', async () => {
    const place = newPlace()
    const store = await place.open()
    await store.tokens.create(newToken())
    await store.keys.create(newKey())
    await store.close()
    await expect(restore(place, file)).rejects.toThrow(/1 token, 1 API key.*--replace/)
    const again = await place.open()
    expect(await again.keys.count()).toBe(1)
    await again.close()
  })

  test('replaces what there is when it may, all of it', async () => {
    const place = newPlace()
    const store = await place.open()
    const gone = newToken({ owner: 'acme', repo: 'stable' })
    await store.tokens.create(gone)
    await store.keys.create(newKey())
    const clients = new Map([['192.0.2.1', 1]])
    await store.usage.record([
      { token: gone.slugPerm, downloads: 3, bytes: 5, clients, lastUsedAt: Date.now() },
    ])
    await store.close()
    await restore(place, file, { replaces: true })
    const again = await place.open()
    expect((await again.tokens.list(LIST)).total).toBe(1_000)
    expect(await again.tokens.find(gone.digest)).toEqual([])
    expect(await countersOf(again, gone.slugPerm)).toEqual([0, 0, 0])
    expect(await again.keys.count()).toBe(0)
    await again.close()
  })

  test('refuses a store that somebody uses, unless it is forced; who uses it forgets the tokens that it knew', async () => {
    const place = newPlace()
    const store = await place.open()
    await expect(restore(place, file)).rejects.toThrow(/A process of Postern uses this store/)
    let forgotten = false
    store.tokens.watch((digest) => {
      if (digest === undefined) forgotten = true
    })
    await restore(place, file, { isForced: true })
    await expect.poll(() => forgotten).toBe(true)
    expect((await store.tokens.list(LIST)).total).toBe(1_000)
    await store.close()
  })

  test('that is broken off leaves a store that nobody takes for whole, and can be made again', async () => {
    const place = newPlace()
    const breakOff = ({ records }: { readonly records: number }): void => {
      if (records > 500) throw new Error('broken off')
    }
    await expect(restore(place, file, { onProgress: breakOff })).rejects.toThrow('broken off')
    await expect(place.open()).rejects.toThrow(/Run "postern restore" again/)
    await expect(backUp(place, join(folder.path, newName()))).rejects.toThrow(/Run "postern restore" again/)
    await restore(place, file, { replaces: true })
    expect(await countOf(place)).toBe(1_000)
  })
})

test('a restore into a SQLite store that somebody has locked says so, and changes nothing', async () => {
  const database = join(folder.path, newName(), 'postern.db')
  const place = sqliteAt(database)
  await (await place.open()).close()
  const lock = new DatabaseSync(database)
  lock.exec('BEGIN IMMEDIATE')
  await expect(restore(place, file)).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' })
  lock.close()
  expect(await countOf(place)).toBe(0)
}, 30_000)

test('a SQLite store that had something is as it was when a restore into it is broken off', async () => {
  const place = sqlitePlace(folder.path)
  const store = await place.open()
  const token = newToken()
  await store.tokens.create(token)
  await store.close()
  const breakOff = (): void => {
    throw new Error('broken off')
  }
  await expect(restore(place, file, { replaces: true, onProgress: breakOff })).rejects.toThrow('broken off')
  const again = await place.open()
  expect(await again.tokens.find(token.digest)).toEqual([token])
  await again.close()
})

test('a process of Postern that runs on Redis says that it is not ready while a restore is not done', async () => {
  const place = redisPlace(serverAt(server.port))
  const store = await place.open()
  const breakOff = (): void => {
    throw new Error('broken off')
  }
  await expect(restore(place, file, { isForced: true, onProgress: breakOff })).rejects.toThrow('broken off')
  await expect(store.ping()).rejects.toThrow(/Run "postern restore" again/)
  await store.close()
})

test('a backup can be read by its owner only, and is there whole or not at all', async () => {
  const place = sqlitePlace(folder.path)
  await (await place.open()).close()
  const made = join(folder.path, 'own.gz')
  await backUp(place, made)
  expect((await stat(made)).mode & 0o777).toBe(0o600)
  await expect(backUp(sqlitePlace(folder.path), made)).rejects.toThrow(/no database/)
  expect((await stat(made)).size).toBeGreaterThan(100)
})
