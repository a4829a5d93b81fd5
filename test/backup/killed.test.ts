import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { run, startServer, temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { newName } from '../store/conformance/fixtures.ts'
import { serverAt } from '../store/redis/open.ts'
import { writeManyTokens } from './many-tokens.ts'
import { redisPlace, restore, SERVER_KEY, sqliteAt, type Place } from './places.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const TOKENS = 4_000

let folder: TemporaryDirectory
let server: RedisServer
/** Faster than a process for each command. */
let client: Redis
let file: string
beforeAll(async () => {
  ;[folder, server] = await Promise.all([temporaryDirectory('backup-kill'), startRedis()])
  client = new Redis(server.port, '127.0.0.1')
  file = join(folder.path, 'many.gz')
  await writeManyTokens(file, TOKENS)
})
afterAll(async () => {
  client.disconnect()
  await server[Symbol.asyncDispose]()
  await folder.remove()
})

interface Configured {
  readonly place: Place
  readonly config: string
  /** True when a restore has begun. */
  readonly isBegun: () => boolean | Promise<boolean>
}

async function configured(store: string): Promise<string> {
  const config = join(folder.path, newName(), 'postern.yaml')
  await mkdir(dirname(config))
  const repositories = 'repositories: { acme/files: { format: raw, upstream: "http://127.0.0.1:9/" } }'
  await writeFile(config, `store: ${store}\nsecret_key: ${SERVER_KEY}\n${repositories}\n`)
  return config
}

/** Whether a restore began to fill it; it is one transaction, which nobody else sees. */
function isMarked(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 1_000 })
  const mark = database.prepare('PRAGMA application_id').get()?.['application_id']
  database.close()
  return mark !== 0
}

const PLACES: Readonly<Record<string, () => Promise<Configured>>> = {
  SQLite: async () => {
    const config = await configured('sqlite:postern.db')
    const database = join(dirname(config), 'postern.db')
    const isBegun = (): boolean => existsSync(database) && isMarked(database)
    return { place: sqliteAt(database), config, isBegun }
  },
  Redis: async () => {
    const prefix = newName()
    const config = await configured(`redis://127.0.0.1:${server.port}?prefix=${prefix}`)
    const isBegun = async (): Promise<boolean> => (await client.hlen(`${prefix}:{tokens}:records`)) > 100
    return { place: redisPlace(serverAt(server.port), prefix), config, isBegun }
  },
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

describe.each(Object.entries(PLACES))('the store %s', (_, newPlace) => {
  const postern = (...args: string[]): Promise<{ code: number; output: string }> =>
    run(process.execPath, [MAIN, ...args])

  test('is whole after a restore that was killed in the middle is made again, and is not taken for whole before', async () => {
    const { place, config, isBegun } = await newPlace()
    const restoring = await startServer(process.execPath, [MAIN, 'restore', file, '--config', config], {
      isReady: isBegun,
    })
    await restoring.stop('SIGKILL')
    await expect(place.open()).rejects.toThrow(/Run "postern restore" again/)
    expect(await postern('serve', '--config', config)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/Run "postern restore" again/),
    })
    const again = await postern('restore', file, '--config', config, '--replace', '--yes')
    expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/The backup is restored/) })
    const store = await place.open()
    expect((await store.tokens.list(LIST)).total).toBe(TOKENS)
    await store.close()
  }, 120_000)

  test('is told of when a restore is asked to end, with what to do', async () => {
    const { config, isBegun } = await newPlace()
    const restoring = await startServer(process.execPath, [MAIN, 'restore', file, '--config', config], {
      isReady: isBegun,
    })
    expect(await restoring.stop('SIGTERM')).toBe(2)
    expect(restoring.output()).toMatch(/Broken off\. The restore is not done: run it again/)
  }, 120_000)

  test('is untouched by a backup that is killed in the middle, which leaves the file of the last one', async () => {
    const { place, config } = await newPlace()
    await restore(place, file)
    const made = join(dirname(config), 'made.gz')
    await writeFile(made, 'the last one')
    const isBegun = (): boolean => readdirSync(dirname(made)).some((each) => each.endsWith('.unfinished'))
    const backup = await startServer(process.execPath, [MAIN, 'backup', made, '--config', config], {
      isReady: isBegun,
    })
    await backup.stop('SIGKILL')
    expect(await readFile(made, 'utf8')).toBe('the last one')

    const other = join(dirname(config), 'other.gz')
    expect(await postern('backup', other, '--config', config)).toMatchObject({ code: 0 })
    expect(await postern('backup', '--verify', other, '--config', config)).toMatchObject({
      code: 0,
      output: expect.stringContaining('The backup is whole'),
    })
  }, 120_000)

  test('is backed up without a trace when the backup is asked to end', async () => {
    const { place, config } = await newPlace()
    await restore(place, file)
    const made = join(dirname(config), 'made.gz')
    const unfinished = (): string[] =>
      readdirSync(dirname(made)).filter((each) => each.includes('.unfinished'))
    const backup = await startServer(process.execPath, [MAIN, 'backup', made, '--config', config], {
      isReady: () => unfinished().length > 0,
    })
    await backup.stop('SIGTERM')
    expect(backup.output()).toMatch(/Broken off/)
    expect([existsSync(made), unfinished()]).toEqual([false, []])
  }, 120_000)
})
