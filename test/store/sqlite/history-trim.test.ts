import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import type { HistoryBatch } from '../../../src/store/contract/history.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { createHistoryTrim } from '../../../src/store/sqlite/history-trim.ts'
import { createTurnBatch } from '../../../src/store/sqlite/turn-batch.ts'
import { DAY_MS, newName, NOW } from '../conformance/fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-trim-'))
afterAll(() => rmSync(folder, { recursive: true }))

const FOREVER = { hoursMs: 400 * DAY_MS, daysMs: 400 * DAY_MS, logMs: 400 * DAY_MS, packages: 10 }

function setUp() {
  const file = join(folder, `${newName()}.db`)
  const open = (): DatabaseSync => openDatabase(file, 'normal')
  const database = open()
  const write = createTurnBatch(database)
  const insert = database.prepare('INSERT INTO history_downloads VALUES (?, ?, ?, ?)')
  /** Three at each instant. */
  const fill = (repository: string, entries: number): void => {
    database.exec('BEGIN')
    for (let index = 0; index < entries; index++) {
      insert.run(repository, NOW + Math.floor(index / 3), `id ${index % 3}`, String(index))
    }
    database.exec('COMMIT')
  }
  const left = (repository: string): number[] =>
    database
      .prepare('SELECT line FROM history_downloads WHERE repository = ? ORDER BY at, id')
      .all(repository)
      .map(({ line }) => Number(line))
  return { open, database, write, fill, left }
}

test.each([0, 1, 2, 9_999, 10_000, 10_001, 20_000, 24_999, 25_000, 25_001])(
  'of a log of 25,000 entries the latest %i are left, and others lose nothing',
  async (logEntries) => {
    const { database, write, fill, left } = setUp()
    fill('acme/deb', 25_000)
    fill('acme/rpm', 10)
    await createHistoryTrim(database, write).trim({ ...FOREVER, logEntries }, ['acme/deb'], NOW)
    const latest = Array.from({ length: 25_000 }, (_, index) => index).slice(
      25_000 - Math.min(25_000, logEntries),
    )
    expect(left('acme/deb')).toEqual(latest)
    expect(left('acme/rpm')).toHaveLength(10)
  },
)

test('several processes that trim a log at once leave as much of it as one', async () => {
  const { open, fill, left } = setUp()
  fill('acme/deb', 25_000)
  const trims = Array.from({ length: 4 }, open).map((database) =>
    createHistoryTrim(database, createTurnBatch(database)).trim(
      { ...FOREVER, logEntries: 20_000 },
      ['acme/deb'],
      NOW,
    ),
  )
  await Promise.all(trims)
  expect(left('acme/deb')).toHaveLength(20_000)
})

test('nobody waits for the end of a long log to be found', async () => {
  const { database, write, fill } = setUp()
  fill('acme/deb', 60_000)
  let turns = 0
  let isDone = false
  const count = (): void => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  await createHistoryTrim(database, write).trim({ ...FOREVER, logEntries: 60_000 }, ['acme/deb'], NOW)
  isDone = true
  // Six for its pieces of ten thousand, six for what is too old.
  expect(turns).toBeGreaterThanOrEqual(12)
})

test('of many tokens only those with too many packages are remembered, and trimmed', async () => {
  const { database, write } = setUp()
  const insert = database.prepare(
    `INSERT INTO history_packages (token, repository, name, version, filename, format, token_name, downloads, bytes, first_at, last_at)
     VALUES (?, 'acme/deb', 'widget', ?, 'widget.deb', 'deb', '', 1, 1, 0, ?)`,
  )
  const add = (token: string, versions: number): void => {
    for (let version = 0; version < versions; version++) insert.run(token, String(version), NOW + version)
  }
  const left = (token: string): number =>
    Number(database.prepare('SELECT count(*) AS n FROM history_packages WHERE token = ?').get(token)?.['n'])
  const { trim, noteGrowth } = createHistoryTrim(database, write)
  const keep = { ...FOREVER, logEntries: 1 }
  const note = (token: string): void => noteGrowth(batchOf(token), keep)
  add('many', 15)
  for (const token of ['many', 'few']) note(token)
  for (let other = 0; other < 25_000; other++) note(`other ${other}`)
  // Forgotten: nothing was told of these.
  add('few', 15)
  await trim(keep, [], NOW)
  expect([left('many'), left('few')]).toEqual([10, 15])
  note('few')
  await trim(keep, [], NOW)
  expect(left('few')).toBe(10)
})

function batchOf(token: string): HistoryBatch {
  const what = {
    repository: 'acme/deb',
    format: 'deb',
    name: 'widget',
    version: '1',
    filename: 'widget.deb',
  } as const
  const packages = [{ token, tokenName: '', ...what, firstAt: NOW, lastAt: NOW, downloads: 1, bytes: 1 }]
  return { writer: 'w', number: 1, now: NOW, usage: [], packages, downloads: [] }
}
