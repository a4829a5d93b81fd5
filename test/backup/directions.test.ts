import * as fc from 'fast-check'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis, startRedisCluster, type RedisCluster, type RedisServer } from '../support/redis.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { granted, newDelivery, newName, newToken, NOW, refused, SIZE } from '../store/conformance/fixtures.ts'
import { serverAt } from '../store/redis/open.ts'
import { allReads } from './all-reads.ts'
import { fill, lives } from './fill.ts'
import { backUp, redisPlace, restore, sqlitePlace, type Place } from './places.ts'

let folder: TemporaryDirectory
let server: RedisServer
let cluster: RedisCluster
beforeAll(async () => {
  ;[folder, server, cluster] = await Promise.all([
    temporaryDirectory('backup'),
    startRedis(),
    startRedisCluster(),
  ])
})
afterAll(async () => {
  await Promise.all([server[Symbol.asyncDispose](), cluster[Symbol.asyncDispose]()])
  await folder.remove()
})

const PLACES: Readonly<Record<string, () => Place>> = {
  SQLite: () => sqlitePlace(folder.path),
  Redis: () => redisPlace(serverAt(server.port)),
  'Redis Cluster': () => {
    const nodes = cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port }))
    return redisPlace(serverAt(0, { topology: 'cluster', nodes }))
  },
}

const DIRECTIONS = Object.entries(PLACES).flatMap(([from, one]) =>
  Object.entries(PLACES).map(([to, other]) => [from, to, one, other] as const),
)

describe.each(DIRECTIONS)('a backup of %s in %s', (_from, _to, newOne, newOther) => {
  const places = (): [Place, Place, string] => [newOne(), newOther(), join(folder.path, `${newName()}.gz`)]

  test('gives for every read what the first store gives', async () => {
    const property = fc.asyncProperty(lives, async (all) => {
      const [one, other, file] = places()
      const first = await one.open()
      const filling = await fill(first, all)
      await backUp(one, file)
      expect(await restore(other, file)).toEqual([])
      const second = await other.open()
      try {
        expect(await allReads(second, filling)).toEqual(await allReads(first, filling))
      } finally {
        await Promise.all([first.close(), second.close()])
      }
    })
    await fc.assert(property, { numRuns: 4, endOnFailure: true })
  }, 60_000)

  test('goes on with limits exactly where they were, and takes what was under way for sent', async () => {
    const [one, other, file] = places()
    const store = await one.open()
    const limits = { limitDownloads: 5, limitClients: 3, limitBytes: 6 * SIZE }
    const request = newDelivery({ client: 'first', ...limits })
    const { token } = request
    const cut = await granted(store, request)
    await store.usage.settle(cut, 1_000, NOW)
    // Goes on under the charge of the one that was cut, and is under way at the backup.
    await granted(store, { ...request, start: 1_000, end: SIZE })
    await granted(store, { ...request, client: 'second' })
    await backUp(one, file)
    await store.close()

    await restore(other, file)
    const again = await other.open()
    // Both copies count as had: each client pays for another one.
    expect(await granted(again, request)).toMatchObject({ charged: 1, downloads: 3 })
    expect(await granted(again, { ...request, client: 'second' })).toMatchObject({ charged: 1, downloads: 4 })
    expect(await refused(again, { ...request, client: 'third', limitClients: 2 })).toMatchObject({
      limit: 'clients',
    })
    expect(await granted(again, { ...request, client: 'third' })).toMatchObject({ downloads: 5, clients: 3 })
    expect(await refused(again, { ...request, client: 'first' })).toMatchObject({
      limit: 'downloads',
      used: 5,
    })
    const free = { ...request, limitDownloads: null, limitClients: null, token, client: 'first' }
    expect(await granted(again, { ...free, limitBytes: 6 * SIZE })).toMatchObject({ bytes: 6 * SIZE })
    expect(await refused(again, { ...free, limitBytes: 6 * SIZE })).toMatchObject({ limit: 'bytes' })
    await again.close()
  })

  test('has a charge that is still open, and what was probed today', async () => {
    const [one, other, file] = places()
    const store = await one.open()
    const now = Date.now()
    const request = newDelivery({ limitDownloads: 1, now })
    await store.usage.settle(await granted(store, request), 1_000, now)
    const probe = { ...request, artifact: newName(), limitDownloads: 0, start: 0, end: 100_000 }
    await store.usage.settle(await granted(store, probe), 100_000, now)
    await backUp(one, file)
    await store.close()

    await restore(other, file)
    const again = await other.open()
    expect(await granted(again, request)).toMatchObject({ charged: 0, downloads: 1 })
    expect(await refused(again, probe)).toMatchObject({ limit: 'downloads' })
    await again.close()
  })

  test('keeps a secret that a deleted token had for the one that has it now', async () => {
    const [one, other, file] = places()
    const store = await one.open()
    const gone = newToken()
    const now = newToken({ repo: gone.repo, digest: gone.digest })
    await store.tokens.create(gone)
    await store.tokens.delete(gone.owner, gone.repo, gone.slugPerm, NOW)
    await store.tokens.create(now)
    await backUp(one, file)
    await store.close()

    expect(await restore(other, file)).toEqual([])
    const again = await other.open()
    expect(await again.tokens.find(gone.digest)).toEqual([now])
    await again.close()
  })
})
