import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { runOrFail, temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, type Answer } from '../support/requests.ts'
import { startStopwatch } from '../support/stopwatch.ts'
import { codeOf, REPOSITORY } from './pair.ts'

const SMALL_BYTES = 1_024
const SOON = { timeout: 30_000 }
/** A change waits two seconds for a lock; the rest is for a busy machine. */
const FAST_MS = 4_000
/** How long a test may wait for a lock that the gate has just then. */
const LOCK_MS = 20_000

let storage: Storage
let directory: TemporaryDirectory
let gate: Gate

beforeAll(async () => {
  storage = await startStorage('raw')
  directory = await temporaryDirectory('trouble')
  const repositories = { [REPOSITORY]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } }
  gate = await startGate({ config: { store: `sqlite:${fileOf()}`, repositories } })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await directory?.remove()
  await storage?.[Symbol.asyncDispose]()
})

const fileOf = (): string => join(directory.path, 'postern.db')

const ask = ({ token }: GateToken, path = 'small.bin'): Promise<Answer> =>
  get(`${gate.url}/${token}/${REPOSITORY}/${path}`)

const create = (): Promise<GateToken> => gate.createToken(REPOSITORY, { limit_num_downloads: 3 })

const countersOf = async ({ slug_perm }: GateToken): Promise<readonly unknown[]> => {
  const { downloads, clients, bandwidth } = await gate.readToken(REPOSITORY, slug_perm)
  return [downloads, clients, bandwidth]
}

/** Holds the lock of writers as another process would. */
function lock(): () => void {
  const database = new DatabaseSync(fileOf(), { timeout: LOCK_MS })
  database.exec('BEGIN IMMEDIATE')
  return () => database.close()
}

/** Lets no file of the gate grow any more, as a full disk would. */
async function fill(): Promise<() => Promise<unknown>> {
  const limitFiles = (bytes: string): Promise<unknown> =>
    runOrFail('prlimit', ['--pid', String(gate.pid), `--fsize=${bytes}:unlimited`])
  await limitFiles(String(statSync(`${fileOf()}-wal`).size))
  return () => limitFiles('unlimited')
}

describe.runIf(process.platform === 'linux')(
  'a token with a limit is refused soon, charged nothing, and served again afterwards, while',
  () => {
    test.each<[string, () => Promise<() => unknown>]>([
      ['another process holds the lock', async () => lock()],
      ['the disk is full', fill],
    ])('%s', async (_what, begin) => {
      const token = await create()
      expect((await ask(token)).status).toBe(200)
      await expect.poll(() => countersOf(token), SOON).toEqual([1, 1, SMALL_BYTES])
      const end = await begin()
      using watch = startStopwatch()
      const answer = await ask(token)
      expect([answer.status, codeOf(answer)]).toEqual([503, 'store_unavailable'])
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(watch.ms()).toBeLessThan(FAST_MS)
      expect(await countersOf(token)).toEqual([1, 1, SMALL_BYTES])
      await end()
      const statuses: number[] = []
      for (let turn = 0; turn < 3; turn++) statuses.push((await ask(token)).status)
      expect(statuses).toEqual([200, 200, 403])
      await expect.poll(() => countersOf(token), SOON).toEqual([3, 1, 3 * SMALL_BYTES])
    })
  },
)

test('a record that can not be read refuses its token alone', async () => {
  const [wrong, fine] = [await create(), await create()]
  const database = new DatabaseSync(fileOf())
  const insert = database.prepare(
    `INSERT INTO ledgers (token, client, artifact, epoch, ledger, touched_at) VALUES (?, '127.0.0.1', ?, 0, 'garbage', ?)`,
  )
  insert.run(wrong.slug_perm, `${REPOSITORY}/small.bin`, Date.now())
  const answers = await Promise.all([ask(wrong), ask(fine)])
  expect(answers.map(({ status }) => status)).toEqual([503, 200])
  expect(await countersOf(wrong)).toEqual([0, 0, 0])
  database.exec("DELETE FROM ledgers WHERE ledger = 'garbage'")
  database.close()
  expect((await ask(wrong)).status).toBe(200)
})
