import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, openRaw, type RawConnection } from '../support/requests.ts'
import { readFigures } from './crew.ts'

const FILES = 'acme/files'
const SLOW = 'acme/slow'
const LARGE = 16_000_000
const SOON = { timeout: 30_000 }

let storage: Storage
let slow: CrudeServer
let gate: Gate
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('raw')
  // A storage that thinks for longer than any client may be silent.
  slow = await startCrudeServer((socket) => {
    setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'), 1_500)
  })
  gate = await startGate({
    config: {
      repositories: {
        [FILES]: { format: 'raw', upstream: `${storage.url}/raw/` },
        [SLOW]: { format: 'raw', upstream: `${slow.url}/`, cache: false },
      },
      client: {
        headers_timeout: '600ms',
        stall_timeout: '800ms',
        keep_alive_timeout: '500ms',
        max_header_size: '8KiB',
        max_headers: 20,
        max_url_length: 500,
        max_requests: 5,
        max_connections_per_address: 10,
      },
    },
  })
  token = await gate.createToken(FILES, { repositories: ['acme/*'], limit_bandwidth: 1_000_000_000 })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await slow?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const request = (file = 'small.bin', headers = ''): string =>
  `GET /${token.token}/${FILES}/${file} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`
const statusOf = (raw: RawConnection): string | undefined => /^HTTP\/1\.1 (\d+)/.exec(raw.received())?.[1]
const cuts = async (reason: string): Promise<number> =>
  (await readFigures(gate)).get(`postern_connections_cut_total{reason="${reason}"}`) ?? 0

describe('a client', () => {
  test.each([
    ['says nothing', ''],
    ['dribbles its head', 'GET / HTTP/1.1\r\nHo'],
  ])('that %s is told so, and cut', async (_, begun) => {
    using raw = await openRaw(gate.port)
    const before = await cuts('slow_request')
    raw.socket.write(begun)
    const dribble = setInterval(() => begun !== '' && raw.socket.write('x'), 50)
    await raw.closed
    clearInterval(dribble)
    expect(statusOf(raw)).toBe('408')
    expect(await cuts('slow_request')).toBe(before + 1)
  })

  test('that was told so, and neither stops nor hangs up, is cut all the same', async () => {
    const socket = connect({ port: gate.port, host: '127.0.0.1', allowHalfOpen: true })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined).resume()
    const dribble = setInterval(() => socket.write('x'), 50)
    await expect(closed).resolves.toBeDefined()
    clearInterval(dribble)
  })

  test('that sends a slow body is answered without it, and closed', async () => {
    using raw = await openRaw(gate.port)
    raw.socket.write(`POST /${token.token}/${FILES}/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx`)
    await raw.closed
    expect(statusOf(raw)).toBe('405')
  })

  test('that takes nothing of its answer is cut, and settled', async () => {
    const limited = await gate.createToken(FILES, { limit_bandwidth: 2 * LARGE })
    const used = async (): Promise<number> =>
      Number((await gate.readToken(FILES, limited.slug_perm))['bandwidth'])
    using raw = await openRaw(gate.port)
    raw.socket.pause()
    raw.socket.write(`GET /${limited.token}/${FILES}/large.bin HTTP/1.1\r\nHost: x\r\n\r\n`)
    await expect.poll(used, SOON).toBe(LARGE)
    await expect.poll(used, SOON).toBeLessThan(LARGE)
    expect(await cuts('slow_reader')).toBe(1)
  })

  test('that is slow, but takes something now and then, is not', async () => {
    using raw = await openRaw(gate.port)
    let bytes = 0
    raw.socket.removeAllListeners('data')
    raw.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      raw.socket.pause()
      setTimeout(() => raw.socket.resume(), 2)
    })
    raw.socket.write(request('large.bin', 'Connection: close\r\n'))
    await raw.closed
    expect(bytes).toBeGreaterThan(LARGE)
  })

  test('waits for a storage as long as that takes', async () => {
    const answer = await get(`${gate.url}/${token.token}/${SLOW}/x`)
    expect([answer.status, answer.body.toString()]).toEqual([200, 'hi'])
  })

  test('that asks for nothing more is closed after a while', async () => {
    using raw = await openRaw(gate.port)
    raw.socket.write(request())
    await waitFor(() => raw.received().length > 1_024)
    const since = performance.now()
    await raw.closed
    expect(performance.now() - since).toBeGreaterThan(300)
  })
})

describe('a request', () => {
  test.each([
    ['a URL that is too long', () => request('x'.repeat(600)), 'its URL is too long'],
    ['too many headers', () => request('small.bin', 'A: b\r\n'.repeat(20)), 'too many headers'],
    [
      'a head that is too long',
      () => request('small.bin', `A: ${'b'.repeat(9_000)}\r\n`),
      'head is too long',
    ],
    [
      'more headers than Node counts, a second credential behind them',
      () => request('small.bin', `${'A:b\r\n'.repeat(1_500)}Authorization: x\r\n`),
      'too many headers',
    ],
  ])('with %s: 431', async (_, bytes, why) => {
    using raw = await openRaw(gate.port)
    raw.socket.write(bytes().replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    await raw.closed
    expect(statusOf(raw)).toBe('431')
    expect(raw.received()).toContain(why)
  })

  test('under way has nothing put inside of its answer for what stands behind it', async () => {
    using raw = await openRaw(gate.port)
    raw.socket.pause()
    raw.socket.write(request('large.bin'))
    await once(raw.socket, 'readable')
    raw.socket.write('nonsense\r\n\r\n')
    raw.socket.resume()
    await raw.closed.catch(() => undefined)
    expect(raw.received()).not.toContain('HTTP/1.1 400')
    expect(raw.received().length).toBeLessThan(LARGE)
  })

  test('is the last of its connection when there were enough, and what stands behind it is nobody’s', async () => {
    using raw = await openRaw(gate.port)
    raw.socket.write(request().repeat(8))
    await raw.closed
    const answers = raw.received().match(/HTTP\/1\.1 \d+/g)
    expect(answers).toEqual(Array.from({ length: 5 }, () => 'HTTP/1.1 200'))
    expect(raw.received().toLowerCase().split('connection: close')).toHaveLength(2)
  })
})

test('no address has more connections than it may have, and others are served', async () => {
  await waitFor(async () => (await readFigures(gate)).get('postern_connections_open') === 0)
  const held = await Promise.all(Array.from({ length: 10 }, () => openRaw(gate.port)))
  try {
    using eleventh = await openRaw(gate.port)
    await eleventh.closed
    expect(eleventh.received()).toBe('')
    await expect.poll(() => cuts('too_many_from_address')).toBe(1)
    await expect.poll(gate.output).toContain('max_connections_per_address')
    const other = new Agent({ localAddress: '127.0.0.2' } as object)
    expect((await get(`${gate.url}/${token.token}/${FILES}/small.bin`, { agent: other })).status).toBe(200)
    other.destroy()
  } finally {
    for (const raw of held) raw[Symbol.dispose]()
  }
  await waitFor(async () => (await get(`${gate.url}/${token.token}/${FILES}/small.bin`)).status === 200)
})
