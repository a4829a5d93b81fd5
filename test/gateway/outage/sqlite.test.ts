import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../../support/processes.ts'
import type { GateToken } from '../../support/gate.ts'
import { readFigures } from '../crew.ts'
import { fetchMany, fetchOnce, REFUSING, SERVING, startOutage, type Outage } from './rig.ts'

const SOON = { timeout: 30_000 }
/** How long a test may wait for the lock, which the gate has now and then. */
const LOCK_MS = 20_000

let directory: TemporaryDirectory
let outage: Outage
let token: GateToken

beforeEach(async () => {
  directory = await temporaryDirectory('outage')
  outage = await startOutage({ store: `sqlite:${directory.path}/postern.db` })
  token = await outage.gate.createToken(SERVING, { limit_num_downloads: 50, repositories: ['acme/*'] })
  await fetchMany(outage.gate, token, 20)
  // Nothing of it waits in the journal, as it may where the machine is slow.
  const isCalm = async (): Promise<boolean> =>
    (await usageOf()).downloads === 20 && outage.files().length === 0 && (await storeIsUp()) === 1
  await waitFor(isCalm, { what: 'the store to have what was fetched' })
})
afterEach(async () => {
  await outage?.[Symbol.asyncDispose]()
  await directory.remove()
})

const storeIsUp = async (): Promise<unknown> => (await readFigures(outage.gate)).get('postern_store_up')

const usageOf = (): Promise<GateToken> => outage.gate.readToken(SERVING, token.slug_perm)

/** Holds the lock that every write needs. */
function lockDatabase(): Disposable {
  const database = new DatabaseSync(`${directory.path}/postern.db`, { timeout: LOCK_MS })
  database.exec('BEGIN IMMEDIATE')
  return { [Symbol.dispose]: () => database.close() }
}

describe('a database that another program keeps locked', () => {
  test('is stood in for, up to the limit as this process knows it; everything is counted afterwards', async () => {
    const { gate } = outage
    {
      using _ = lockDatabase()
      expect(await fetchOnce(gate, token)).toBe(200)
      await expect.poll(storeIsUp, SOON).toBe(0)
      expect(await fetchMany(gate, token, 24)).toEqual(new Map([[200, 24]]))
      expect(await fetchMany(gate, token, 12)).toEqual(
        new Map([
          [200, 5],
          [403, 7],
        ]),
      )
      expect(await fetchMany(gate, token, 2, REFUSING)).toEqual(new Map([[503, 2]]))
      expect((await usageOf()).downloads).toBe(20)
    }
    await expect.poll(async () => (await usageOf()).downloads, SOON).toBe(50)
    await expect.poll(outage.files, SOON).toEqual([])
    expect(await fetchOnce(gate, token)).toBe(403)
    expect(await usageOf()).toMatchObject({ downloads: 50, clients: 1 })
  }, 60_000)

  test('and a process that is killed meanwhile lose nothing that was served', async () => {
    {
      using _ = lockDatabase()
      expect(await fetchMany(outage.gate, token, 12)).toEqual(new Map([[200, 12]]))
      process.kill(outage.gate.pid, 'SIGKILL')
    }
    await using next = await outage.restart()
    await expect.poll(outage.files, SOON).toEqual([])
    expect(await next.readToken(SERVING, token.slug_perm)).toMatchObject({ downloads: 32, clients: 1 })
    await expect.poll(next.output).toContain('Usage from the journal was added')
  }, 60_000)
})
