import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { openRaw, type RawConnection } from '../support/requests.ts'
import { codeOf, REPOSITORY, startPair, type Pair } from './pair.ts'

const DAY_MS = 86_400_000
const MOST_AFTER_MS = 10_000

let storage: Storage
let pair: Pair
beforeAll(async () => {
  storage = await startStorage('raw')
  pair = await startPair(`${storage.url}/raw/`)
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** A token whose counters begin anew in `afterMs`, as they do every day at this time. */
async function create(afterMs: number, fields: object): Promise<{ token: GateToken; boundary: number }> {
  const boundary = Date.now() + afterMs
  const token = await pair.here.createToken(REPOSITORY, {
    scheduled_reset_period: 'Daily',
    scheduled_reset_at: new Date(boundary - 3 * DAY_MS).toISOString(),
    ...fields,
  })
  return { token, boundary }
}

const outcome = async (gate: Pair['here'], token: GateToken): Promise<unknown> => {
  const answer = await pair.ask(gate, token, 'small.bin')
  return codeOf(answer) ?? answer.status
}

/** A token of which `use` was made before its boundary, which is as far away as a busy machine needs. */
async function usedBefore(
  fields: object,
  use: (token: GateToken, isOver: () => boolean) => Promise<unknown>,
): Promise<{ token: GateToken; boundary: number; used: unknown }> {
  for (let afterMs = 1_500; ; afterMs *= 2) {
    const { token, boundary } = await create(afterMs, fields)
    const isOver = (): boolean => Date.now() >= boundary
    const used = await use(token, isOver)
    if (!isOver()) return { token, boundary, used }
    if (afterMs > MOST_AFTER_MS) throw new Error(`${afterMs} ms are not enough`)
  }
}

test('downloads begin anew at the boundary, in every process, and once', async () => {
  const { token, boundary, used } = await usedBefore({ limit_num_downloads: 1 }, async (each) => [
    await outcome(pair.here, each),
    await outcome(pair.there, each),
    Date.parse(String((await pair.read(each))['next_reset_at'])),
  ])
  expect(used).toEqual([200, 'downloads_used_up', boundary])
  await waitFor(async () => (await outcome(pair.there, token)) === 200)
  expect(Date.now()).toBeGreaterThanOrEqual(boundary)
  expect([await outcome(pair.here, token), await outcome(pair.there, token)]).toEqual([
    'downloads_used_up',
    'downloads_used_up',
  ])
  const shown = await pair.read(token)
  expect(shown).toMatchObject({ downloads: 1, clients: 1 })
  expect(Date.parse(String(shown['last_reset_at']))).toBe(boundary)
  expect(Date.parse(String(shown['next_reset_at']))).toBe(boundary + DAY_MS)
})

test('bytes begin anew, and a download across the boundary changes nothing in the new period', async () => {
  using clients = new DisposableStack()
  let client: RawConnection | undefined
  const { token, boundary, used } = await usedBefore(
    { limit_bandwidth: 16_000_000 },
    async (each, isOver) => {
      client = clients.use(await openRaw(pair.here.port))
      client.socket.pause()
      client.socket.write(`GET /${each.token}/${REPOSITORY}/large.bin HTTP/1.1\r\nHost: x\r\n\r\n`)
      await waitFor(async () => isOver() || Number((await pair.read(each))['bandwidth']) === 16_000_000)
      return outcome(pair.there, each)
    },
  )
  expect(used).toBe('bandwidth_used_up')
  await waitFor(() => Date.now() > boundary)
  expect(await outcome(pair.there, token)).toBe(200)
  await expect.poll(async () => (await pair.read(token))['bandwidth']).toBe(1_024)
  client?.socket.destroy()
  expect(await outcome(pair.there, token)).toBe(200)
  await expect.poll(async () => (await pair.read(token))['bandwidth']).toBe(2_048)
})

test('usage that guards no limit begins anew, too', async () => {
  const { token, boundary, used } = await usedBefore({}, async (each, isOver) => {
    const first = await outcome(pair.here, each)
    await waitFor(async () => isOver() || (await pair.read(each)).downloads === 1)
    return first
  })
  expect(used).toBe(200)
  await waitFor(() => Date.now() > boundary)
  expect(await pair.read(token)).toMatchObject({ downloads: 0, clients: 0, bandwidth: 0 })
  expect(await outcome(pair.here, token)).toBe(200)
  await waitFor(async () => (await pair.read(token)).downloads === 1)
  expect(await pair.read(token)).toMatchObject({ downloads: 1, clients: 1, bandwidth: 1_024 })
})

test('without a period, nothing begins anew', async () => {
  const token = await pair.here.createToken(REPOSITORY, {
    scheduled_reset_at: new Date(Date.now() - 3 * DAY_MS + 500).toISOString(),
    limit_num_downloads: 1,
  })
  const started = Date.now()
  expect(await outcome(pair.here, token)).toBe(200)
  await waitFor(() => Date.now() > started + 700)
  expect(await outcome(pair.here, token)).toBe('downloads_used_up')
})
