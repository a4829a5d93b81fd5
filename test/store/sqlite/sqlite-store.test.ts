import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { StoreError, type Store } from '../../../src/store/contract.ts'
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import { run, startServer, waitFor } from '../../support/processes.ts'
import { describeStore } from '../conformance.ts'
import {
  countersOf,
  deliver,
  granted,
  newDelivery,
  newName,
  newToken,
  refused,
  SIZE,
} from '../conformance/fixtures.ts'

const CONTENDER = join(import.meta.dirname, 'contender.ts')
const folder = mkdtempSync(join(tmpdir(), 'postern-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true }))

function open(file: string, clock: () => number = Date.now): Promise<Store> {
  return openSqliteStore({ file, synchronous: 'normal', processId: newName(), clock })
}

function newFile(): string {
  return join(folder, newName(), 'postern.db')
}

/** Files and ids of the processes that the suite opened. */
const opened = new Map<Store, { readonly file: string; readonly processId: string }>()

describeStore(
  'the SQLite store',
  async ({ space }) => {
    const [file, processId] = [join(folder, `${space}.db`), newName()]
    const store = await openSqliteStore({ file, synchronous: 'normal', processId, clock: Date.now })
    opened.set(store, { file, processId })
    return store
  },
  {
    // What a killed process leaves behind is its line in the list, which nobody renews.
    kill: async (store) => {
      await store.close()
      const { file, processId } = opened.get(store) ?? { file: '', processId: '' }
      execute(file, `INSERT INTO processes VALUES ('${processId}', ${Date.now() - 30_000})`)
    },
  },
)

describe('a file', () => {
  test.skipIf(process.platform === 'win32')('is made for its owner only, as all beside it', async () => {
    const file = newFile()
    const store = await open(file)
    await deliver(store, newDelivery(), SIZE)
    const modes = ['', '/postern.db', '/postern.db-wal', '/postern.db-shm'].map(
      (name) => statSync(join(file, '..') + name).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600])
    await store.close()
  })

  test('of a newer version is refused and left alone', async () => {
    const file = newFile()
    await (await open(file)).close()
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 99')
    database.close()
    const before = statSync(file)
    await expect(open(file)).rejects.toThrow('made by a newer Postern (schema 99)')
    expect(statSync(file)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs })
  })

  test.each<[string, (file: string) => void]>([
    ['a folder', (file) => mkdirSync(file, { recursive: true })],
    [
      'no database',
      (file) => write(file, 'this is no database, and it is long enough to be read as one'.repeat(99)),
    ],
    ['the database of something else', (file) => execute(file, 'PRAGMA user_version = 1')],
    ['below a file', (file) => writeFileSync(join(file, '..'), '')],
  ])('that is %s is refused with a StoreError, and nothing stays open', async (_what, prepare) => {
    const file = newFile()
    prepare(file)
    const error = await open(file).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code: 'unavailable' })
    expect(openFilesBelow(join(file, '..'))).toEqual([])
  })

  // Root may write everywhere.
  test.skipIf(process.getuid?.() === 0)(
    'in a folder that can not be written is refused with a StoreError',
    async () => {
      const parent = join(folder, newName())
      mkdirSync(parent, { mode: 0o500 })
      await expect(open(join(parent, 'postern.db'))).rejects.toBeInstanceOf(StoreError)
    },
  )

  test('does not grow without end by being written to', async () => {
    const file = newFile()
    const [store, reader] = [await open(file), await open(file)]
    const request = newDelivery()
    for (let turn = 0; turn < 3_000; turn++) {
      await deliver(store, request, SIZE)
      await reader.usage.read([{ token: request.token, periodStart: null }])
    }
    expect(statSync(`${file}-wal`).size).toBeLessThan(24_000_000)
    await Promise.all([store.close(), reader.close()])
    expect(existsSync(`${file}-wal`)).toBe(false)
  })
})

describe('processes', () => {
  test('that ask at once get what the limit allows, and no more', async () => {
    const file = newFile()
    const children = ['a', 'b', 'c'].map((name) => run(process.execPath, [CONTENDER, file, name, 'race']))
    const ended = await Promise.all(children)
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ])
    const counts = ended.map(({ stdout }) => JSON.parse(stdout) as Record<string, number>)
    const sums = ['downloads', 'clients', 'bytes', 'concurrency', 'rate'].map((limit) =>
      counts.reduce((sum, each) => sum + (each[limit] ?? 0), 0),
    )
    expect(sums).toEqual([50, 50, 50, 50, 50])
    const store = await open(file)
    expect(await countersOf(store, 'bytes')).toEqual([50, 50, 50 * SIZE])
    expect((await countersOf(store, 'downloads'))[0]).toBe(50)
    await store.close()
  })

  test('that are killed leave behind every charge that they acknowledged', async () => {
    const file = newFile()
    const isReady = (output: () => string): boolean => output().includes('acknowledged 20\n')
    await using child = await startServer(process.execPath, [CONTENDER, file, 'killed', 'hold'], { isReady })
    await child.stop('SIGKILL')
    const acknowledged = child.output().match(/(?<=acknowledged )\d+(?=\n)/g)?.length ?? 0
    const store = await open(file)
    const [downloads, clients, bytes] = await countersOf(store, 'held')
    expect(acknowledged).toBeGreaterThanOrEqual(20)
    // The last one may have been committed and not yet told.
    expect([acknowledged, acknowledged + 1]).toContain(downloads)
    expect([clients, bytes]).toEqual([1, downloads * 1_000_000])
    await store.close()
  })

  test('that died are forgotten within a minute, and a new start after them costs nothing', async () => {
    const file = newFile()
    const isReady = (output: () => string): boolean => output().includes('acknowledged 1\n')
    await using child = await startServer(process.execPath, [CONTENDER, file, 'dead', 'hold'], { isReady })
    await child.stop('SIGKILL')
    const again = newDelivery({ token: 'held', client: 'dead', artifact: 'file-1' })
    const soon = await open(file)
    expect(await granted(soon, { ...again, dryRun: true })).toMatchObject({ charged: 1 })
    expect(await refused(soon, { ...again, limitConcurrency: 1 })).toMatchObject({ limit: 'concurrency' })
    await soon.close()
    const later = await open(file, () => Date.now() + 60_000)
    expect(await granted(later, { ...again, limitConcurrency: 1 })).toMatchObject({ charged: 0 })
    await later.close()
  })
})

describe('while another process holds the lock', () => {
  test('changes wait for it, and reads and the event loop go on', async () => {
    const file = newFile()
    const store = await open(file)
    const request = newDelivery()
    const release = lock(file)
    let isDone = false
    const reservation = granted(store, request).finally(() => void (isDone = true))
    expect(await countersOf(store, request.token)).toEqual([0, 0, 0])
    await waitForTurns(20)
    expect(isDone).toBe(false)
    release()
    expect(await reservation).toMatchObject({ charged: 1 })
    await store.close()
  })

  test('changes are given up after two seconds, and later ones go on', async () => {
    const file = newFile()
    // The deadline does not depend on the store's clock, which may be set.
    const store = await open(file, () => 1_000_000_000_000)
    const request = newDelivery({ limitDownloads: 1 })
    const release = lock(file)
    const startedAt = performance.now()
    const error = await store.usage.reserve(request).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code: 'unavailable' })
    expect(performance.now() - startedAt).toBeGreaterThan(1_900)
    await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' })
    release()
    await store.ping()
    expect(await granted(store, request)).toMatchObject({ charged: 1, downloads: 1 })
    await store.close()
  })

  test('a store can be closed, and tells that it could not write', async () => {
    const file = newFile()
    const store = await open(file)
    const release = lock(file)
    const reservation = store.usage.reserve(newDelivery()).catch((reason: unknown) => reason)
    await expect(store.close()).rejects.toBeInstanceOf(StoreError)
    expect(await reservation).toBeInstanceOf(StoreError)
    release()
    expect(openFilesBelow(join(file, '..'))).toEqual([])
  })
})

test('a change that the database refuses does not harm the others of its turn', async () => {
  const store = await open(newFile())
  const token = newToken()
  await store.tokens.create(token)
  const request = newDelivery({ limitDownloads: 20 })
  const before = Array.from({ length: 10 }, () => granted(store, { ...request, artifact: newName() }))
  const twice = store.tokens.create({ ...newToken(), slugPerm: token.slugPerm })
  const after = Array.from({ length: 10 }, () => granted(store, { ...request, artifact: newName() }))
  await expect(twice).rejects.toBeInstanceOf(StoreError)
  expect(await Promise.all([...before, ...after])).toHaveLength(20)
  expect(await countersOf(store, request.token)).toEqual([20, 1, 0])
  expect(await store.tokens.read(token.owner, token.repo, token.slugPerm)).toEqual(token)
  await store.close()
})

function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}

function execute(file: string, sql: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

/** Holds the lock of writers as another process would; returns what lets it go. */
function lock(file: string): () => void {
  const database = new DatabaseSync(file)
  database.exec('BEGIN IMMEDIATE')
  return () => database.close()
}

async function waitForTurns(count: number): Promise<void> {
  let turns = 0
  await waitFor(() => ++turns >= count, { what: 'turns of the event loop' })
}

/** Files of this process, where the system tells them. */
function openFilesBelow(path: string): string[] {
  const descriptors = '/proc/self/fd'
  if (!existsSync(descriptors)) return []
  const targets = readdirSync(descriptors).map((name) => {
    try {
      return readlinkSync(join(descriptors, name))
    } catch {
      return ''
    }
  })
  return targets.filter((target) => target.startsWith(path))
}
