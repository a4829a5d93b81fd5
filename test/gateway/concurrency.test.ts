import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gate, GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { openRaw, type RawConnection } from '../support/requests.ts'
import { codeOf, REPOSITORY, startPair, tally, type Pair } from './pair.ts'

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

const create = (limit: number, fields = {}): Promise<GateToken> =>
  pair.here.createToken(REPOSITORY, { limit_concurrency: limit, ...fields })

/** A download that has begun and does not end, because its client takes nothing. */
async function hang(gate: Gate, { token }: GateToken): Promise<RawConnection> {
  const client = await openRaw(gate.port)
  client.socket.once('data', () => client.socket.pause())
  client.socket.write(`GET /${token}/${REPOSITORY}/large.bin HTTP/1.1\r\nHost: x\r\n\r\n`)
  await waitFor(() => client.received().startsWith('HTTP/1.1 '))
  return client
}

describe('a limit on downloads at once', () => {
  test('counts those of all processes, and makes room when one ends', async () => {
    const token = await create(2)
    using first = await hang(pair.here, token)
    using second = await hang(pair.there, token)
    expect([first, second].map((client) => client.received().slice(0, 12))).toEqual([
      'HTTP/1.1 200',
      'HTTP/1.1 200',
    ])
    for (const gate of [pair.here, pair.there]) {
      const refused = await pair.ask(gate, token, 'small.bin')
      expect([refused.status, codeOf(refused)]).toEqual([429, 'concurrency_exceeded'])
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(30)
    }
    first.socket.destroy()
    await waitFor(async () => (await pair.ask(pair.there, token, 'small.bin')).status === 200)
  })

  test('is never exceeded by a crowd', async () => {
    const token = await create(3)
    const crowd = await Promise.all(
      Array.from({ length: 40 }, (_, i) => hang(i % 2 ? pair.there : pair.here, token)),
    )
    const begun = crowd.filter((client) => client.received().startsWith('HTTP/1.1 200'))
    for (const client of crowd) client.socket.destroy()
    expect(begun).toHaveLength(3)
  })

  test('is free again after each download of a long row', async () => {
    const token = await create(1)
    const status = async (): Promise<number> => (await pair.ask(pair.here, token, 'small.bin')).status
    // The end of a download is on record a moment after its last byte.
    for (let i = 0; i < 20; i++) await expect.poll(status).toBe(200)
  })

  test('does not concern HEAD and indexes', async () => {
    const token = await create(1)
    using _ = await hang(pair.here, token)
    expect((await pair.ask(pair.here, token, 'small.bin', { method: 'HEAD' })).status).toBe(200)
    expect(codeOf(await pair.ask(pair.here, token, 'small.bin.sha256'))).toBe('not_found')
  })

  test('of none opens nothing', async () => {
    const token = await create(0)
    const answers = await Promise.all([1, 2, 3].map(() => pair.ask(pair.here, token, 'small.bin')))
    expect(tally(answers)).toEqual({ concurrency_exceeded: 3 })
    expect(await pair.read(token)).toMatchObject({ downloads: 0, is_limited: true })
  })

  test('charges nothing to who is refused', async () => {
    const token = await create(1, { limit_num_downloads: 10 })
    using _ = await hang(pair.here, token)
    for (let i = 0; i < 5; i++) await pair.ask(pair.there, token, 'small.bin')
    expect(await pair.read(token)).toMatchObject({ downloads: 1 })
  })

  test('a process that is killed does not hold its places for ever', { timeout: 90_000 }, async () => {
    await using other = await startPair(`${storage.url}/raw/`)
    const token = await other.here.createToken(REPOSITORY, { limit_concurrency: 1 })
    const client = await hang(other.there, token)
    expect((await other.ask(other.here, token, 'small.bin')).status).toBe(429)
    await other.there.stop('SIGKILL')
    client.socket.destroy()
    await waitFor(async () => (await other.ask(other.here, token, 'small.bin')).status === 200, {
      timeoutMs: 70_000,
    })
  })
})
