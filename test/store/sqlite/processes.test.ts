import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import type { Store } from '../../../src/store/contract.ts'
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import { waitFor } from '../../support/processes.ts'
import {
  countersOf,
  DAY_MS,
  deliver,
  granted,
  newDelivery,
  newName,
  NOW,
  PROBE,
  SIZE,
} from '../conformance/fixtures.ts'

const HEARTBEAT_MS = 5_000
const folder = mkdtempSync(join(tmpdir(), 'postern-sweep-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => void vi.useRealTimers())

/** Opens stores of one file whose heartbeats and clock go as the test says. */
function setUp() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const file = join(folder, `${newName()}.db`)
  let now = NOW
  const open = (): Promise<Store> =>
    openSqliteStore({ file, synchronous: 'normal', processId: newName(), clock: () => now })
  /** Lets time pass, at the end of which all stores beat. The reservation is one that every store waits for. */
  const pass = async (ms: number, store: Store): Promise<void> => {
    now += ms
    vi.advanceTimersByTime(HEARTBEAT_MS)
    await store.ping()
  }
  const count = (table: string): number => {
    const database = new DatabaseSync(file)
    const total = Number(database.prepare(`SELECT count(*) AS total FROM ${table}`).get()?.['total'])
    database.close()
    return total
  }
  return { open, pass, count }
}

describe('records of deliveries', () => {
  test('are swept out a day after their last use', async () => {
    const { open, pass, count } = setUp()
    const store = await open()
    await deliver(store, newDelivery(), 500)
    await deliver(store, newDelivery({ start: SIZE - PROBE }), PROBE)
    await pass(DAY_MS, store)
    expect(count('ledgers')).toBe(2)
    await pass(1, store)
    expect(count('ledgers')).toBe(0)
    await store.close()
  })

  test('are kept while a delivery goes on, however long', async () => {
    const { open, pass } = setUp()
    const store = await open()
    const slow = await granted(store, newDelivery())
    const failing = await granted(store, newDelivery({ token: slow.token }))
    for (let day = 0; day < 3; day++) await pass(DAY_MS + 1, store)
    await store.usage.settle(slow, SIZE, NOW + 3 * DAY_MS)
    await store.usage.settle(failing, 0, NOW + 3 * DAY_MS)
    expect(await countersOf(store, slow.token)).toEqual([1, 1, SIZE])
    await store.close()
  })

  test('of a process that is long dead are swept out', async () => {
    const { open, pass, count } = setUp()
    const store = await open()
    const leaving = await open()
    await granted(leaving, newDelivery())
    await leaving.close()
    await pass(DAY_MS + 1, store)
    expect(count('ledgers')).toBe(0)
    await store.close()
  })
})

describe('a process', () => {
  test('that beats is alive to the others', async () => {
    const { open, pass } = setUp()
    const [one, other] = [await open(), await open()]
    const request = newDelivery()
    await granted(other, request)
    for (let beat = 0; beat < 10; beat++) await pass(HEARTBEAT_MS, one)
    expect(await granted(one, request)).toMatchObject({ charged: 1 })
    await Promise.all([one.close(), other.close()])
  })

  test('that leaves is not listed any more', async () => {
    const { open, count } = setUp()
    const [one, other] = [await open(), await open()]
    expect(count('processes')).toBe(2)
    await other.close()
    expect(count('processes')).toBe(1)
    await one.close()
    await waitFor(() => count('processes') === 0)
  })
})
