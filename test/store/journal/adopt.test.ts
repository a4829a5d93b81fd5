import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BATCH_MS, StoreError, type Store, type UsageStore } from '../../../src/store/contract.ts'
import { createAdopter } from '../../../src/store/journal/adopt.ts'
import { encodeHeader, encodeLine } from '../../../src/store/journal/entry.ts'
import { createJournal, type Journal } from '../../../src/store/journal/journal.ts'
import { createReplay, type Replayed } from '../../../src/store/journal/replay.ts'
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import {
  startServer,
  temporaryDirectory,
  waitFor,
  type ServerProcess,
  type TemporaryDirectory,
} from '../../support/processes.ts'
import { countersOf, granted, newDelivery, newName, NOW, SIZE } from '../conformance/fixtures.ts'
import { usageEntry } from './entries.ts'

const PROGRAM = fileURLToPath(new URL('adopter.ts', import.meta.url))

let directory: TemporaryDirectory
let store: Store
beforeAll(async () => {
  directory = await temporaryDirectory('adopt')
  const file = join(directory.path, 'postern.db')
  store = await openSqliteStore({ file, synchronous: 'normal', processId: 'test', clock: Date.now })
})
afterAll(async () => {
  await store.close()
  await directory.remove()
})

const newWriter = (): string => randomUUID().replaceAll('-', '')

function setUp(usage: Pick<UsageStore, 'settle' | 'record'> = store.usage, attempts = 3) {
  const folder = join(directory.path, newName())
  const replayed: Replayed[] = []
  const open = (): Journal =>
    createJournal({
      folder,
      maxBytes: 1e9,
      newWriter,
      clock: Date.now,
      onLost: () => undefined,
    })
  const journal = open()
  const replay = createReplay({ usage, attempts, onReplayed: (each) => replayed.push(each) })
  const adopter = createAdopter(folder, replay)
  const adopt = async (): Promise<void> => {
    await adopter.look()
    await adopter.replay()
  }
  return { folder, open, journal, adopter, adopt, replayed, files: () => readdirSync(folder) }
}

describe('files of a process', () => {
  test('are left alone while it lives, and counted once when it does not', async () => {
    const { journal, adopt, files, replayed } = setUp()
    const token = newName()
    await journal.append([usageEntry(token)], 'charge')
    await adopt()
    expect([await countersOf(store, token), replayed]).toEqual([[0, 0, 0], []])
    journal.close()
    await adopt()
    await adopt()
    expect(await countersOf(store, token)).toEqual([1, 1, 10])
    expect(files()).toEqual([])
    expect(replayed).toMatchObject([{ entries: 1, state: 'whole' }])
  })

  test('show as waiting as soon as somebody looks, also while the store is away', async () => {
    const { journal, adopter } = setUp()
    const begun = Date.now()
    await journal.append([usageEntry('a'), usageEntry('b')], 'charge')
    journal.close()
    await adopter.look()
    expect(adopter.waiting()).toMatchObject({ entries: 2 })
    expect(adopter.waiting().bytes).toBeGreaterThan(100)
    expect(adopter.waiting().oldestAt).toBeGreaterThanOrEqual(begun)
    adopter.close()
  })

  test('whose lock was lost are counted all the same', async () => {
    const { folder, adopt, files } = setUp()
    const token = newName()
    writeFileSync(
      join(folder, `${newWriter()}-000001.journal`),
      encodeHeader(Date.now()) + encodeLine([usageEntry(token)]),
    )
    await adopt()
    expect([await countersOf(store, token), files()]).toEqual([[1, 1, 10], []])
  })

  test('count once when the process that adopts them ends between the commit and the removal', async () => {
    const usage: Pick<UsageStore, 'settle' | 'record'> = {
      ...store.usage,
      record: async (deltas, batch) => {
        await store.usage.record(deltas, batch)
        throw new StoreError('unavailable', 'killed')
      },
    }
    const { folder, journal, adopt, adopter, files } = setUp(usage)
    const token = newName()
    await journal.append([usageEntry(token)], 'charge')
    journal.close()
    await expect(adopt()).rejects.toThrow('killed')
    adopter.close()
    const next = createAdopter(
      folder,
      createReplay({ usage: store.usage, attempts: 1, onReplayed: () => undefined }),
    )
    await next.look()
    await next.replay()
    expect([await countersOf(store, token), files()]).toEqual([[1, 1, 10], []])
  })

  test('end deliveries that the store had granted, once', async () => {
    const { journal, adopt } = setUp()
    const reservation = await granted(store, newDelivery({ limitBytes: SIZE }))
    const end = { kind: 'end', reservation, sentBytes: 17, at: NOW } as const
    await journal.append([end], 'rest')
    await journal.append([end], 'rest')
    journal.close()
    await adopt()
    expect(await countersOf(store, reservation.token)).toEqual([1, 1, 17])
  })

  test('do not wait for ever for an end that the store does not take', async () => {
    const settle = (): Promise<never> =>
      Promise.reject(new StoreError('unavailable', 'something else lies there'))
    const { journal, adopt, replayed, files } = setUp({ ...store.usage, settle })
    const token = newName()
    const reservation = { ...(await granted(store, newDelivery())), id: 'other:1' }
    await journal.append([usageEntry(token), { kind: 'end', reservation, sentBytes: 1, at: NOW }], 'rest')
    journal.close()
    await expect(adopt()).rejects.toThrow('lies there')
    await expect(adopt()).rejects.toThrow('lies there')
    await adopt()
    expect([await countersOf(store, token), files()]).toEqual([[1, 1, 10], []])
    expect(replayed).toMatchObject([{ entries: 2, endsLost: 1 }])
  })
})

describe('a file that can not be read', () => {
  test('is told of, and keeps nobody from counting what others left', async () => {
    const { folder, journal, adopter } = setUp()
    // The first that is looked at, and no file.
    mkdirSync(join(folder, '00000000-000001.journal'))
    const token = newName()
    await journal.append([usageEntry(token)], 'charge')
    journal.close()
    await expect(adopter.look()).rejects.toMatchObject({ code: 'EISDIR' })
    await adopter.replay()
    expect(await countersOf(store, token)).toEqual([1, 1, 10])
    adopter.close()
  })
})

describe('a file that is not as it was written', () => {
  test('because the last line is torn counts as far as it is whole, and is told of', async () => {
    const { folder, journal, adopt, replayed, files } = setUp()
    const tokens = [newName(), newName()]
    for (const token of tokens) await journal.append([usageEntry(token)], 'charge')
    const [segment] = journal.seal()
    journal.close()
    truncateSync(segment?.path ?? '', readFileSync(segment?.path ?? '').length - 5)
    await adopt()
    expect(await countersOf(store, tokens[0] ?? '')).toEqual([1, 1, 10])
    expect(await countersOf(store, tokens[1] ?? '')).toEqual([0, 0, 0])
    expect(replayed).toMatchObject([{ entries: 1, state: 'torn', keptAs: undefined }])
    expect([files(), folder]).toEqual([[], folder])
  })

  test.each([
    [
      'damaged',
      (token: string) => encodeHeader(Date.now()) + `garbage\n${encodeLine([usageEntry(token)])}`,
      1,
    ],
    ['unreadable', (token: string) => `${'x'.repeat(40)}\n${encodeLine([usageEntry(token)])}`, 0],
    ['expired', (token: string) => encodeHeader(Date.now() - BATCH_MS) + encodeLine([usageEntry(token)]), 0],
  ])('because it is %s is put aside, for a person to look at', async (state, textOf, downloads) => {
    const { folder, adopt, replayed, files } = setUp()
    const token = newName()
    const name = `${newWriter()}-000001.journal`
    writeFileSync(join(folder, name), textOf(token))
    await adopt()
    expect((await countersOf(store, token))[0]).toBe(downloads)
    expect(replayed).toMatchObject([{ state, keptAs: join(folder, `${name}.${state}`), entries: downloads }])
    expect(files()).toEqual([`${name}.${state}`])
    await adopt()
    expect(replayed).toHaveLength(1)
  })
})

describe('several processes on one folder', () => {
  const start = (folder: string, name: string, mode: string, word: string): Promise<ServerProcess> => {
    const database = join(directory.path, 'many.db')
    return startServer(process.execPath, [PROGRAM, folder, name, mode, database], {
      isReady: (output) => output().includes(word),
    })
  }

  test('write, are killed, and are adopted by others that are killed, too: each entry counts once', async () => {
    const folder = join(directory.path, 'shared')
    const file = join(directory.path, 'many.db')
    const books = await openSqliteStore({ file, synchronous: 'normal', processId: 'books', clock: Date.now })
    const names = ['aaaa', 'bbbb', 'cccc', 'dddd']
    const writers = await Promise.all(names.map((name) => start(folder, name, 'write', 'appended 1000\n')))
    const adopters = await Promise.all(
      ['eeee', 'ffff'].map((name) => start(folder, name, 'adopt', 'adopted 0\n')),
    )
    let appended = 0
    for (const [index, writer] of writers.entries()) {
      await writer.stop('SIGKILL')
      appended += Number(/appended (\d+)\n[^\n]*$/.exec(writer.output())?.[1])
      if (index !== 1) continue
      // In the middle of what the first two left.
      await adopters[0]?.stop('SIGKILL')
    }
    await waitFor(() => readdirSync(folder).length === 0, { what: 'the folder to be empty' })
    const [downloads] = await countersOf(books, 'shared')
    expect(downloads).toBeGreaterThanOrEqual(appended)
    // One each that was appended and not yet printed.
    expect(downloads).toBeLessThanOrEqual(appended + writers.length * 2)
    await adopters[1]?.stop('SIGKILL')
    await books.close()
  })

  test('one that stands still keeps its files', async () => {
    const folder = join(directory.path, 'still')
    await using writer = await start(folder, 'abab', 'write', 'appended 300\n')
    process.kill(writer.pid, 'SIGSTOP')
    const adopter = createAdopter(folder, () => Promise.reject(new Error('not his to take')))
    await adopter.look()
    await adopter.replay()
    expect(adopter.waiting().entries).toBe(0)
    process.kill(writer.pid, 'SIGCONT')
  })
})
