import { Agent } from 'node:http'
import { expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { temporaryDirectory, waitFor } from '../support/processes.ts'
import { startStorage } from '../support/repositories.ts'
import { get } from '../support/requests.ts'

const REPOSITORY = 'acme/files'
const KEY = 'crash-test-admin-key'
const LIMIT = 400
const PARALLEL = 16

/** Downloads on and on until `isOver`, and counts the files that arrived whole. */
async function downloadUntil(
  gate: Gate,
  { token }: GateToken,
  isOver: () => boolean,
): Promise<{ whole: number; last: number }> {
  const agent = new Agent({ keepAlive: true })
  const counted = { whole: 0, last: 0 }
  const one = async (): Promise<void> => {
    while (!isOver()) {
      const answer = await get(`${gate.url}/${token}/${REPOSITORY}/small.bin`, { agent }).catch(
        () => undefined,
      )
      if (answer === undefined) return
      counted.last = answer.status
      if (answer.status !== 200) return
      if (answer.complete) counted.whole++
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, one))
  agent.destroy()
  return counted
}

test('no download that a customer received is forgotten when the process is killed, and none is given twice', async () => {
  await using storage = await startStorage('raw')
  await using directory = await temporaryDirectory('crash')
  const config = {
    store: `sqlite:${directory.path}/postern.db`,
    repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } },
  } as const
  const first = await startGate({ config, adminKey: KEY })
  const token = await first.createToken(REPOSITORY, { limit_num_downloads: LIMIT })
  const loading = downloadUntil(first, token, () => false)
  await waitFor(async () => (await first.readToken(REPOSITORY, token.slug_perm)).downloads > LIMIT / 4)
  await first.stop('SIGKILL')
  const before = await loading

  await using second = await startGate({ config, adminKey: KEY })
  const { downloads } = await second.readToken(REPOSITORY, token.slug_perm)
  expect(before.whole).toBeGreaterThan(LIMIT / 8)
  expect(downloads).toBeGreaterThanOrEqual(before.whole)
  expect(downloads - before.whole).toBeLessThanOrEqual(PARALLEL)

  const after = await downloadUntil(second, token, () => false)
  expect(after.last).toBe(403)
  expect(before.whole + after.whole).toBeLessThanOrEqual(LIMIT)
  expect(before.whole + after.whole).toBeGreaterThanOrEqual(LIMIT - PARALLEL)
  expect((await second.readToken(REPOSITORY, token.slug_perm)).downloads).toBe(LIMIT)
})
