import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/contract.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import {
  startServer,
  temporaryDirectory,
  type ServerProcess,
  type TemporaryDirectory,
} from '../support/processes.ts'
import { newName, newToken, usageOf } from '../store/conformance/fixtures.ts'
import { serverAt } from '../store/redis/open.ts'
import { backUp, redisPlace, restore, sqliteAt, sqlitePlace, type Place } from './places.ts'

const LOAD = join(import.meta.dirname, 'load.ts')
const TOKENS = Array.from({ length: 10 }, (_, index) => `load-${index}`)

let folder: TemporaryDirectory
let server: RedisServer
beforeAll(async () => {
  ;[folder, server] = await Promise.all([temporaryDirectory('backup-load'), startRedis()])
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder.remove()
})

interface Loaded {
  readonly place: Place
  /** Of load.ts. */
  readonly args: readonly string[]
}

const PLACES: Readonly<Record<string, () => Loaded>> = {
  SQLite: () => {
    const file = join(folder.path, newName(), 'postern.db')
    return { place: sqliteAt(file), args: ['sqlite', file] }
  },
  Redis: () => {
    const prefix = newName()
    return { place: redisPlace(serverAt(server.port), prefix), args: ['redis', String(server.port), prefix] }
  },
}

function startLoad(args: readonly string[]): Promise<ServerProcess> {
  const isReady = (output: () => string): boolean => output().includes('begun')
  return startServer(process.execPath, [LOAD, ...args], { isReady })
}

function countersOf(store: Store): Promise<readonly (readonly [downloads: number, bytes: number])[]> {
  return Promise.all(
    TOKENS.map(async (token) => {
      const { downloads, bytes } = await usageOf(store, token)
      return [downloads, bytes] as const
    }),
  )
}

type Counters = Awaited<ReturnType<typeof countersOf>>

/** Makes a backup while all tokens are used, with their counters before and after; on a busy machine it may take some attempts. */
async function backUpUnderLoad(
  place: Place,
  store: Store,
): Promise<{ file: string; before: Counters; after: Counters }> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const file = join(folder.path, `${newName()}.gz`)
    const before = await countersOf(store)
    await backUp(place, file)
    const after = await countersOf(store)
    if (after.every(([downloads], index) => downloads > (before[index]?.[0] ?? 0)))
      return { file, before, after }
  }
  throw new Error('There was no load while a backup was made')
}

describe.each(Object.entries(PLACES))('a backup of %s under load from three processes', (_, newPlace) => {
  test('has each token as it was at one instant of its time, and limits go on from there', async () => {
    const { place, args } = newPlace()
    const store = await place.open()
    const loads = await Promise.all([startLoad(args), startLoad(args), startLoad(args)])
    const { file, before, after } = await backUpUnderLoad(place, store)
    await Promise.all(loads.map((load) => load.stop('SIGKILL')))
    await store.close()

    const other = sqlitePlace(folder.path)
    await restore(other, file)
    const again = await other.open()
    for (const [index, [downloads]] of (await countersOf(again)).entries()) {
      expect(downloads).toBeGreaterThanOrEqual(before[index]?.[0] ?? Infinity)
      expect(downloads).toBeLessThanOrEqual(after[index]?.[0] ?? 0)
      const token = TOKENS[index] ?? ''
      // Counters and clients are of one instant, or their sums would differ.
      const page = { page: 1, pageSize: 100_000, periodStart: null }
      const { clients, total } = await again.usage.listClients({ token, ...page })
      expect(clients.reduce((sum, each) => sum + each.downloads, 0)).toBe(downloads)
      expect((await usageOf(again, token)).clients).toBe(total)
    }
    await again.close()
  }, 60_000)

  test('has what was changed while it was made as it was before or after, never lost', async () => {
    const { place } = newPlace()
    const store = await place.open()
    const tokens = Array.from({ length: 300 }, () => newToken())
    await Promise.all(tokens.map((token) => store.tokens.create(token)))
    const file = join(folder.path, `${newName()}.gz`)
    const by = { updatedAt: Date.now(), updatedBy: 'ada' }
    const backup = backUp(place, file)
    const changes = tokens.map(async ({ owner, repo, slugPerm }, index) => {
      if (index % 2) await store.tokens.delete(owner, repo, slugPerm, Date.now())
      else await store.tokens.update(owner, repo, slugPerm, { digest: newName(), ...by })
    })
    await Promise.all([backup, ...changes])
    const after = await Promise.all(
      tokens.map((each) => store.tokens.read(each.owner, each.repo, each.slugPerm)),
    )
    await store.close()

    const other = sqlitePlace(folder.path)
    expect(await restore(other, file)).toEqual([])
    const again = await other.open()
    for (const [index, before] of tokens.entries()) {
      const found = await again.tokens.read(before.owner, before.repo, before.slugPerm)
      expect([before, after[index]]).toContainEqual(found)
    }
    await again.close()
  }, 60_000)
})
