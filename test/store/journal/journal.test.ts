import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createJournal, type Journal, type JournalOptions } from '../../../src/store/journal/journal.ts'
import { readSegment } from '../../../src/store/journal/segment.ts'
import { usageEntry } from './entries.ts'

const base = mkdtempSync(join(tmpdir(), 'postern-journal-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
let folders = 0

function setUp(options: Partial<JournalOptions> = {}) {
  const folder = join(base, String(++folders), 'journal')
  const lost: number[] = []
  let writers = 0
  let now = 1_000
  const open = (): Journal =>
    createJournal({
      folder,
      maxBytes: 1_000_000,
      newWriter: () => `${folders}`.padStart(6, '0') + String(++writers).padStart(6, '0'),
      clock: () => now,
      onLost: (entries) => lost.push(entries),
      ...options,
    })
  const files = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.journal'))
  const tokens = (): string[] =>
    files().flatMap((name) =>
      readSegment(name, readFileSync(join(folder, name), 'utf8')).batches.flatMap(({ entries }) =>
        entries.map((entry) => (entry.kind === 'usage' ? entry.delta.token : '')),
      ),
    )
  const wait = (ms: number): void => {
    now += ms
  }
  return { folder, open, lost, files, tokens, wait, journal: open() }
}

const FULL = { name: 'StoreError', code: 'unavailable' }

describe('what is appended', () => {
  test('is in the file when it resolves: what came in one turn, together', async () => {
    const { journal, tokens, files } = setUp()
    const appends = ['a', 'b', 'c'].map((token) => journal.append([usageEntry(token)], 'charge'))
    expect(files()).toEqual([])
    await Promise.all(appends)
    expect(tokens()).toEqual(['a', 'b', 'c'])
    expect(journal.waiting()).toMatchObject({ entries: 3, oldestAt: 1_000 })
    await journal.append([usageEntry('d')], 'rest')
    expect(files()).toHaveLength(1)
    expect(journal.waiting().bytes).toBe(statSync(journal.seal()[0]?.path ?? '').size)
  })

  test('goes to another file after the first is sealed, and the names are in their order', async () => {
    const { journal, tokens } = setUp()
    for (let index = 0; index < 12; index++) {
      await journal.append([usageEntry(`t${index}`)], 'rest')
      journal.seal()
    }
    expect(journal.seal().map(({ name }) => name)).toEqual(
      journal
        .seal()
        .map(({ name }) => name)
        .toSorted(),
    )
    expect(tokens()).toEqual(Array.from({ length: 12 }, (_, index) => `t${index}`))
    for (const segment of journal.seal()) journal.remove(segment)
    expect(journal.waiting()).toEqual({ entries: 0, bytes: 0, oldestAt: undefined })
    expect(tokens()).toEqual([])
  })

  test('fills files of a megabyte', async () => {
    const { journal, files } = setUp({ maxBytes: 100_000_000 })
    const many = Array.from({ length: 1_000 }, (_, index) => usageEntry(`token-${index}`))
    for (let turn = 0; turn < 25; turn++) await journal.append(many, 'rest')
    expect(files()).toHaveLength(2)
    expect(journal.waiting().entries).toBe(25_000)
  })

  test('can be read by its owner only', async () => {
    const { journal, folder, files } = setUp()
    await journal.append([usageEntry('a')], 'charge')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, files()[0] ?? '')).mode & 0o777).toBe(0o600)
  })

  test('of nothing needs no file', async () => {
    const { journal, folder } = setUp()
    await journal.append([], 'charge')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a journal that is full', () => {
  test('takes no charges, and for a while what follows of those that it has', async () => {
    const { journal, tokens } = setUp({ maxBytes: 1_000 })
    const outcomes: string[] = []
    for (let index = 0; index < 20; index++) {
      outcomes.push(await journal.append([usageEntry('charge')], 'charge').then(() => 'taken', String))
    }
    const taken = outcomes.filter((each) => each === 'taken').length
    expect(taken).toBeGreaterThan(5)
    expect(taken).toBeLessThan(15)
    expect(outcomes.at(-1)).toContain('The journal took nothing: it has 1000 bytes already')
    await journal.append([usageEntry('rest')], 'rest')
    const mixed = await Promise.allSettled([
      journal.append([usageEntry('charge')], 'charge'),
      journal.append([usageEntry('rest')], 'rest'),
    ])
    expect(mixed.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(tokens().filter((token) => token === 'charge')).toHaveLength(taken)
    for (let index = 0; index < 20; index++) await journal.append([usageEntry('rest')], 'rest').catch(() => 0)
    await expect(journal.append([usageEntry('rest')], 'rest')).rejects.toMatchObject(FULL)
    for (const segment of journal.seal()) journal.remove(segment)
    await journal.append([usageEntry('charge')], 'charge')
  })

  test('counts what other processes wrote, a second later at the latest', async () => {
    const { journal, open, wait } = setUp({ maxBytes: 2_000 })
    const other = open()
    await other.append([usageEntry('other')], 'charge')
    await journal.append([usageEntry('own')], 'charge')
    for (let index = 0; index < 40; index++) await other.append([usageEntry('other')], 'rest').catch(() => 0)
    wait(1_000)
    await expect(journal.append([usageEntry('own')], 'charge')).rejects.toMatchObject(FULL)
  })
})

describe('a journal that can not be written', () => {
  test('because its folder is gone takes nothing, says so, and is of use again when it is back', async () => {
    const { journal, folder, lost, open } = setUp()
    await journal.append([usageEntry('a'), usageEntry('b')], 'charge')
    rmSync(folder, { recursive: true })
    await expect(journal.append([usageEntry('c')], 'charge')).rejects.toMatchObject(FULL)
    expect(existsSync(folder)).toBe(false)
    expect(lost).toEqual([2])
    expect(journal.waiting().entries).toBe(0)
    open()
    await journal.append([usageEntry('d')], 'charge')
    expect(journal.waiting().entries).toBe(1)
  })

  test('because something else lies in its place takes nothing, and leaves nothing half', async () => {
    const { journal, folder, tokens, files } = setUp()
    await journal.append([usageEntry('a')], 'charge')
    unlinkSync(journal.seal()[0]?.path ?? '')
    const next = files().length
    expect(next).toBe(0)
    const [lock = ''] = readdirSync(folder)
    writeFileSync(join(folder, lock.replace('.lock', '-000002.journal')), 'in the way')
    await expect(journal.append([usageEntry('b')], 'charge')).rejects.toMatchObject(FULL)
    await journal.append([usageEntry('c')], 'charge')
    expect(tokens()).toEqual(['c'])
  })

  test('because it was closed takes nothing', async () => {
    const { journal } = setUp()
    journal.close()
    await expect(journal.append([usageEntry('a')], 'rest')).rejects.toMatchObject(FULL)
  })
})

test('a journal that was emptied leaves nothing in its folder when it is closed', async () => {
  const { journal, folder } = setUp()
  await journal.append([usageEntry('a')], 'charge')
  for (const segment of journal.seal()) journal.remove(segment)
  journal.close()
  expect(readdirSync(folder)).toEqual([])
})
