import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import { PROTOCOLS, type GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { agentFor, beginStalled, type Answer } from '../support/requests.ts'
import { codeOf, REPOSITORY, startPair, tally, type Pair } from './pair.ts'

const SMALL = 1_024
const LARGE = 16_000_000

describe.each(PROTOCOLS)('over %s', (protocol) => {
  let storage: Storage
  let pair: Pair

  beforeAll(async () => {
    storage = await startStorage('raw')
    pair = await startPair(`${storage.url}/raw/`, {}, protocol)
  })
  afterAll(async () => {
    await pair?.[Symbol.asyncDispose]()
    await storage?.[Symbol.asyncDispose]()
  })

  const create = (bytes: number, fields = {}): Promise<GateToken> =>
    pair.here.createToken(REPOSITORY, { limit_bandwidth: bytes, ...fields })

  async function bandwidthOf(token: GateToken): Promise<number> {
    return Number((await pair.read(token))['bandwidth'])
  }

  /** What was received of bodies that were not refusals. */
  function received(answers: readonly Answer[]): number {
    const delivered = answers.filter((answer) => codeOf(answer) === undefined)
    return delivered.reduce((sum, { body }) => sum + body.length, 0)
  }

  /** Asks both processes in turn, all at once. */
  async function flood(token: GateToken, count: number, path: string): Promise<Answer[]> {
    const agent = agentFor(pair.here.url, 200)
    try {
      return await Promise.all(
        Array.from({ length: count }, (_, i) =>
          pair.ask(i % 2 ? pair.there : pair.here, token, path, { agent }),
        ),
      )
    } finally {
      agent.destroy()
    }
  }

  describe('a limit on bandwidth', () => {
    test('is never exceeded by parallel downloads, and used to its last file', async () => {
      const token = await create(50 * SMALL + 1_023)
      const answers = await flood(token, 400, 'small.bin')
      expect(tally(answers)).toEqual({ 200: 50, bandwidth_used_up: 350 })
      expect(received(answers)).toBe(50 * SMALL)
      await expect.poll(() => bandwidthOf(token)).toBe(50 * SMALL)
    })

    test('counts in decimal units', async () => {
      const token = await create(2, { limit_bandwidth_unit: 'Kilobyte' })
      expect(tally(await flood(token, 5, 'small.bin'))).toEqual({ 200: 1, bandwidth_used_up: 4 })
    })

    test('lets through what fits into what is left', async () => {
      const token = await create(SMALL + 100)
      expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
      const refused = await pair.ask(pair.there, token, 'small.bin')
      expect([refused.status, codeOf(refused)]).toEqual([403, 'bandwidth_used_up'])
      const headers = { Range: 'bytes=0-99' }
      expect((await pair.ask(pair.there, token, 'small.bin', { headers })).status).toBe(206)
      expect(codeOf(await pair.ask(pair.here, token, 'small.bin', { headers: { Range: 'bytes=0-0' } }))).toBe(
        'bandwidth_used_up',
      )
      expect(await bandwidthOf(token)).toBe(SMALL + 100)
    })

    test('costs nothing where no body is sent', async () => {
      const token = await create(SMALL)
      const first = await pair.ask(pair.here, token, 'small.bin')
      const etag = String(first.headers['etag'])
      const again = await pair.ask(pair.here, token, 'small.bin', { headers: { 'If-None-Match': etag } })
      const head = await pair.ask(pair.here, token, 'large.bin', { method: 'HEAD' })
      const missing = await pair.ask(pair.here, token, 'missing.bin')
      expect([first.status, again.status, head.status, missing.status]).toEqual([200, 304, 200, 404])
      expect(await bandwidthOf(token)).toBe(SMALL)
    })

    test('of nothing opens nothing', async () => {
      const token = await create(0)
      expect(tally(await flood(token, 6, 'small.bin'))).toEqual({ bandwidth_used_up: 6 })
      expect((await pair.ask(pair.here, token, 'empty.bin')).status).toBe(200)
      expect(await bandwidthOf(token)).toBe(0)
    })

    test('gives back what a client that left did not take', async () => {
      const token = await create(LARGE + LARGE / 2)
      const client = await beginStalled(`${pair.here.url}/${token.token}/${REPOSITORY}/large.bin`)
      await expect.poll(() => bandwidthOf(token)).toBe(LARGE)
      expect(codeOf(await pair.ask(pair.there, token, 'large.bin'))).toBe('bandwidth_used_up')
      client.leave()
      await waitFor(async () => (await bandwidthOf(token)) < LARGE / 2)
      const answer = await pair.ask(pair.there, token, 'large.bin')
      expect([answer.status, answer.body.length]).toEqual([200, LARGE])
      expect(await bandwidthOf(token)).toBeLessThanOrEqual(LARGE + LARGE / 2)
    })

    test('raised or reset lets go on at once', async () => {
      const token = await create(SMALL)
      expect(tally(await flood(token, 4, 'small.bin'))).toEqual({ 200: 1, bandwidth_used_up: 3 })
      await pair.patch(token, { limit_bandwidth: 2, limit_bandwidth_unit: 'Kilobyte' })
      expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(403)
      await pair.patch(token, { limit_bandwidth: 3 })
      expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
      await pair.here.admin('POST', `/entitlements/${REPOSITORY}/${token.slug_perm}/reset/`)
      expect(await bandwidthOf(token)).toBe(0)
      expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
    })

    test('stands beside a limit of downloads: whichever is used up first', async () => {
      const downloads = await create(10 * SMALL, { limit_num_downloads: 3 })
      expect(tally(await flood(downloads, 20, 'small.bin'))).toEqual({ 200: 3, downloads_used_up: 17 })
      const bytes = await create(3 * SMALL, { limit_num_downloads: 10 })
      expect(tally(await flood(bytes, 20, 'small.bin'))).toEqual({ 200: 3, bandwidth_used_up: 17 })
      expect(await pair.read(bytes)).toMatchObject({ downloads: 3, bandwidth: 3 * SMALL, is_limited: true })
    })
  })

  describe('a body whose length the storage does not tell', () => {
    const CHUNK = 700
    let crude: CrudeServer
    let chunked: Pair

    /** As many chunks as the path says; `endless` goes on until the other side has gone. */
    function answer(socket: Socket, head: string): void {
      const name = /^\w+ \/([^ ]*)/.exec(head)?.[1] ?? ''
      const chunk = `${CHUNK.toString(16)}\r\n${'x'.repeat(CHUNK)}\r\n`
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      if (head.startsWith('HEAD')) return
      if (name.startsWith('endless')) {
        const timer = setInterval(() => socket.write(chunk), 1)
        socket.once('close', () => clearInterval(timer))
        return
      }
      socket.write(`${chunk.repeat(Number.parseInt(name))}0\r\n\r\n`)
    }

    beforeAll(async () => {
      crude = await startCrudeServer(answer)
      chunked = await startPair(`${crude.url}/`, {}, protocol)
    })
    afterAll(async () => {
      await chunked?.[Symbol.asyncDispose]()
      await crude?.[Symbol.asyncDispose]()
    })

    const createHere = (bytes: number): Promise<GateToken> =>
      chunked.here.createToken(REPOSITORY, { limit_bandwidth: bytes })
    const used = async (token: GateToken): Promise<unknown> => (await chunked.read(token))['bandwidth']

    test('is charged with what was sent', async () => {
      const token = await createHere(10_000)
      const { status, complete, body } = await chunked.ask(chunked.here, token, '3.bin')
      expect([status, complete, body.length]).toEqual([200, true, 3 * CHUNK])
      await expect.poll(() => used(token)).toBe(3 * CHUNK)
    })

    test.each([1_000, 1, CHUNK, 2 * CHUNK + 1])(
      'is cut after exactly the %i bytes that were left, and not taken for whole',
      async (left) => {
        const token = await createHere(left)
        const { status, complete, body } = await chunked.ask(chunked.here, token, 'endless.bin')
        expect([status, complete, body.length]).toEqual([200, false, left])
        await expect.poll(() => used(token)).toBe(left)
        expect(codeOf(await chunked.ask(chunked.there, token, '1.bin'))).toBe('bandwidth_used_up')
      },
    )

    test('fits when it is exactly as long as what is left', async () => {
      const token = await createHere(2 * CHUNK)
      const { complete, body } = await chunked.ask(chunked.here, token, '2.bin')
      expect([complete, body.length]).toEqual([true, 2 * CHUNK])
    })

    test('takes all that is left while it is under way, and gives back what it did not need', async () => {
      const token = await createHere(1_000_000_000)
      const client = await beginStalled(`${chunked.here.url}/${token.token}/${REPOSITORY}/endless.bin`)
      expect(codeOf(await chunked.ask(chunked.there, token, '1.bin'))).toBe('bandwidth_used_up')
      client.leave()
      await waitFor(async () => (await chunked.ask(chunked.there, token, '1.bin')).status === 200)
      await waitFor(async () => Number(await used(token)) < 10_000_000)
    })

    test('lets the storage go once it is cut', async () => {
      const token = await createHere(500)
      await chunked.ask(chunked.here, token, 'endless.bin')
      const soon = { timeout: 30_000 }
      await expect.poll(() => crude.open(), soon).toBeLessThanOrEqual(1)
    })

    test('that is free, like a checksum, counts and is cut all the same', async () => {
      const token = await createHere(1_000)
      const { complete, body } = await chunked.ask(chunked.here, token, 'endless.bin.sha256')
      expect([complete, body.length]).toEqual([false, 1_000])
      await expect
        .poll(async () => await chunked.read(token))
        .toMatchObject({ bandwidth: 1_000, downloads: 0 })
      expect(codeOf(await chunked.ask(chunked.there, token, '1.bin.sha256'))).toBe('bandwidth_used_up')
    })
  })
})
