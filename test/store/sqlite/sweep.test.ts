import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { BATCH_MS } from '../../../src/store/contract.ts'
import { createBatches } from '../../../src/store/sqlite/batches.ts'
import { createSweep } from '../../../src/store/sqlite/sweep.ts'
import { createUsageRows, type UsageRows } from '../../../src/store/sqlite/usage-rows.ts'
import { DAY_MS, newName, NOW } from '../conformance/fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-sweep-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Fixture {
  readonly database: DatabaseSync
  readonly rows: UsageRows
  readonly sweep: (now: number) => void
  readonly count: (table: string) => number
  /** A token with so many clients, which is then reset. */
  readonly useAndReset: (token: string, clients: number) => void
}

function setUp(): Fixture {
  const database = openDatabase(join(folder, `${newName()}.db`), 'normal')
  const rows = createUsageRows(database)
  const count = (table: string): number =>
    Number(database.prepare(`SELECT count(*) AS total FROM ${table}`).get()?.['total'])
  const useAndReset = (token: string, clients: number): void => {
    const before = { ...rows.usage(token), lastUsedAt: NOW }
    database.exec('BEGIN')
    for (let index = 0; index < clients; index++) rows.seeClient(token, before.epoch, `c${index}`, 1, NOW)
    rows.saveUsage(token, before, { ...before, epoch: before.epoch + 1 })
    database.exec('COMMIT')
  }
  return { database, rows, sweep: createSweep(database), count, useAndReset }
}

describe('clients of past epochs', () => {
  test('are swept out a thousand at a time, those of the current one never', () => {
    const { rows, sweep, count, useAndReset } = setUp()
    useAndReset('t', 2_500)
    rows.seeClient('t', 1, 'current', 1, NOW)
    const left = [0, 1, 2, 3].map(() => {
      sweep(NOW)
      return count('clients')
    })
    expect(left).toEqual([1_501, 501, 1, 1])
    expect(count('past_epochs')).toBe(0)
    expect(rows.client('t', 1, 'current')).toEqual({ isCounted: true, lastAt: NOW })
  })

  test('of many tokens are swept out together', () => {
    const { sweep, count, useAndReset } = setUp()
    for (let index = 0; index < 300; index++) useAndReset(`t${index}`, 2)
    sweep(NOW)
    expect(count('past_epochs')).toBe(100)
    sweep(NOW)
    expect([count('clients'), count('past_epochs')]).toEqual([0, 0])
  })
})

describe('clients that were forgotten', () => {
  test('are swept out a day after they were last seen, a thousand at a time', () => {
    const { rows, sweep, count } = setUp()
    for (let index = 0; index < 1_200; index++) rows.seeClient('t', 0, `c${index}`, 1, NOW)
    rows.forgetUnseen('t', 0, NOW)
    rows.seeClient('t', 0, 'seen', 1, NOW)
    sweep(NOW + DAY_MS)
    expect(count('clients')).toBe(1_201)
    sweep(NOW + DAY_MS + 1)
    expect(count('clients')).toBe(201)
    sweep(NOW + DAY_MS + 1)
    sweep(NOW + 9 * DAY_MS)
    expect(count('clients')).toBe(1)
  })
})

describe('deliveries under way', () => {
  test('are swept out with the process that made them, and not while it is listed', () => {
    const { database, rows, sweep, count } = setUp()
    database.exec(`INSERT INTO processes VALUES ('alive', ${NOW}), ('dead', ${NOW - DAY_MS})`)
    for (const reservation of ['alive:1', 'dead:1', 'gone:1', 'gone:2']) {
      rows.addUnderway('t', reservation, true)
    }
    sweep(NOW)
    expect(rows.placesHeld('t')).toEqual([
      { process: 'alive', places: 1 },
      { process: 'dead', places: 1 },
    ])
    sweep(NOW + 1)
    expect(rows.placesHeld('t')).toEqual([{ process: 'alive', places: 1 }])
    expect(count('underway')).toBe(1)
  })
})

describe('batches of traffic', () => {
  test('are swept out when they would be refused, and a day later at the earliest', () => {
    const { database, sweep, count } = setUp()
    const batches = createBatches(database, () => NOW)
    expect(batches.admit({ id: 'b', at: NOW })).toBe(true)
    sweep(NOW + BATCH_MS + DAY_MS)
    expect([count('batches'), batches.admit({ id: 'b', at: NOW })]).toEqual([1, false])
    sweep(NOW + BATCH_MS + DAY_MS + 1)
    expect(count('batches')).toBe(0)
    const later = createBatches(database, () => NOW + BATCH_MS)
    expect(() => later.admit({ id: 'b', at: NOW })).toThrow(expect.objectContaining({ code: 'expired' }))
  })
})

test('a sweep of a large database with nothing to sweep costs next to nothing', () => {
  const { database, rows, sweep } = setUp()
  database.exec('BEGIN')
  for (let index = 0; index < 20_000; index++) rows.seeClient(`t${index % 100}`, 0, `c${index}`, 1, NOW)
  database.exec('COMMIT')
  const plans = ['clients WHERE is_counted = 0 AND last_at < 5', 'ledgers WHERE touched_at < 5'].map((what) =>
    database
      .prepare(`EXPLAIN QUERY PLAN SELECT * FROM ${what}`)
      .all()
      .map((row) => row['detail']),
  )
  expect(plans.flat()).toEqual([
    expect.stringContaining('USING INDEX clients_forgotten'),
    expect.stringContaining('USING INDEX ledgers_by_touch'),
  ])
  sweep(NOW)
  expect(rows.client('t0', 0, 'c0')).toBeDefined()
})
