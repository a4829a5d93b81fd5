import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  headBlock,
  HEADERS,
  literal,
  openFrames,
  PING,
  remembered,
  RST,
  SETTINGS,
  WINDOW_UPDATE,
} from '../support/frames.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { askSession, openSession } from '../support/http2.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { readFigures } from './crew.ts'

const FILES = 'acme/files'
const CRUDE = 'acme/crude'
const AGREED = 'acme/agreed'
const LARGE = 16_000_000
const SOON = { timeout: 30_000 }

let storage: Storage
let folder: TemporaryDirectory
let crude: CrudeServer
let gate: Gate
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('raw')
  folder = await temporaryDirectory('http2')
  await writeFile(join(folder.path, 'eula.txt'), 'You may.\n')
  // Answers that begin and go on, break off, or never begin.
  crude = await startCrudeServer((socket, head) => {
    if (head.includes('/silent')) return
    const odd = head.includes('/odd')
      ? 'ETag: "a"\r\nETag: "b"\r\nX-Odd: caf\u00e9\r\nX-Odd: tea\r\nKeep-Alive: timeout=9\r\n'
      : ''
    socket.write(
      Buffer.from(`HTTP/1.1 200 OK\r\n${odd}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n`, 'latin1'),
    )
    if (head.includes('/broken')) setImmediate(() => socket.destroy())
    else if (!head.includes('/open')) socket.write('0\r\n\r\n')
  })
  const repositories = {
    [FILES]: { format: 'raw', upstream: `${storage.url}/raw/` },
    [AGREED]: {
      format: 'raw',
      upstream: `${storage.url}/raw/`,
      eula: { revision: 2, text: join(folder.path, 'eula.txt'), required_of: 'all_tokens' },
    },
    [CRUDE]: { format: 'raw', upstream: `${crude.url}/`, cache: false },
  } as const
  const client = { stall_timeout: '1s', max_requests: 300, max_headers: 30 }
  gate = await startGate({ protocol: 'h2', config: { repositories, client } })
  token = await gate.createToken(FILES, { repositories: ['acme/*'] })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await crude?.[Symbol.asyncDispose]()
  await folder?.remove()
  await storage?.[Symbol.asyncDispose]()
})

const path = (file = 'small.bin', repository = FILES): string => `/${token.token}/${repository}/${file}`

/** A session that is closed with the test. */
function open(options: object = {}): ClientHttp2Session & Disposable {
  const session = openSession(gate.url, options)
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() })
}

/** Begins a request and gives its stream at the head of its answer. */
async function begin(session: ClientHttp2Session, target: string): Promise<ClientHttp2Stream> {
  const stream = session.request({ ':path': target })
  stream.on('error', () => undefined)
  await once(stream, 'response')
  return stream
}

describe('one stream that ends badly', () => {
  test('because the storage broke off is an error, and the others go on', async () => {
    using session = open()
    const [broken, ...others] = await Promise.all([
      askSession(session, path('broken', CRUDE)),
      askSession(session, path('large.bin')),
      askSession(session, path('whole', CRUDE)),
    ])
    expect(broken).toMatchObject({ status: 200, complete: false })
    expect(others.map(({ complete, body }) => [complete, body.length])).toEqual([
      [true, LARGE],
      [true, 2],
    ])
    expect(session.closed).toBe(false)
  })

  test('because its client has reset it lets the storage go, and is settled', async () => {
    using session = open()
    const limited = await gate.createToken(FILES, { limit_bandwidth: 40_000_000 })
    const used = async (): Promise<number> =>
      Number((await gate.readToken(FILES, limited.slug_perm))['bandwidth'])
    const stream = await begin(session, `/${limited.token}/${FILES}/large.bin`)
    expect(await used()).toBe(LARGE)
    stream.close(constants.NGHTTP2_CANCEL)
    await expect.poll(used, SOON).toBeLessThan(LARGE / 2)
    expect((await askSession(session, path())).status).toBe(200)
  })

  test('while the storage says nothing lets that go at once', async () => {
    using session = open()
    const before = crude.requests().length
    const stream = session.request({ ':path': path('silent', CRUDE) })
    stream.on('error', () => undefined)
    await waitFor(() => crude.requests().length > before)
    const underWay = crude.open()
    stream.close(constants.NGHTTP2_CANCEL)
    await expect.poll(() => crude.open(), SOON).toBeLessThan(underWay)
  })

  test('because its client takes nothing is cut, while others of the connection wait for the storage', async () => {
    using session = open({ settings: { initialWindowSize: 20_000 } })
    const waiting = session.request({ ':path': path('open', CRUDE) })
    let cut = false
    waiting.on('error', () => (cut = true))
    const stalled = await begin(session, path('large.bin'))
    stalled.pause()
    await waitFor(() => stalled.rstCode === constants.NGHTTP2_INTERNAL_ERROR)
    await expect
      .poll(async () => (await readFigures(gate)).get('postern_connections_cut_total{reason="slow_reader"}'))
      .toBe(1)
    expect(cut).toBe(false)
    waiting.close()
  })
})

describe('a request', () => {
  test('with a body is refused, and its stream ended', async () => {
    using session = open()
    for (const [method, status] of [
      ['GET', 400],
      ['POST', 405],
    ] as const) {
      const stream = session.request({ ':path': path(), ':method': method }, { endStream: false })
      const answered = once(stream, 'response')
      stream.on('error', () => undefined).resume()
      stream.write('hello')
      expect((await answered)[0]).toMatchObject({ ':status': status })
      await waitFor(() => stream.closed)
      expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
    }
    expect((await askSession(session, path())).status).toBe(200)
  })

  test('may bring the one form that is read, and nothing larger', async () => {
    using session = open()
    const { token: secret } = await gate.createToken(AGREED)
    const post = async (body: string): Promise<unknown> => {
      const stream = session.request({
        ':method': 'POST',
        ':path': `/${secret}/${AGREED}/eula`,
        'content-type': 'application/x-www-form-urlencoded',
      })
      stream.on('error', () => undefined).resume()
      stream.end(body)
      const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
      await waitFor(() => stream.closed)
      return headers[':status']
    }
    const target = `/${secret}/${AGREED}/small.bin`
    expect((await askSession(session, target)).status).toBe(403)
    expect(await post(`revision=2&${'x'.repeat(100_000)}`)).toBe(400)
    expect(await post('revision=1')).toBe(400)
    expect(await post('revision=2')).toBe(200)
    await expect.poll(async () => (await askSession(session, target)).status).toBe(200)
    expect(session.closed).toBe(false)
  })

  test('with two hosts is refused, with the same one twice it is not', async () => {
    using session = open()
    const ask = (host: string) => askSession(session, path(), { ':authority': 'a.test', host })
    expect((await ask('b.test')).status).toBe(400)
    expect((await ask('a.test')).status).toBe(200)
  })

  test('with too many headers, or a URL that is too long, is told so', async () => {
    using session = open()
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`x-${at}`, 'y']))
    expect((await askSession(session, path(), many)).headers['x-error-code']).toBe('head_too_large')
    const long = await askSession(session, path('x'.repeat(9_000)))
    expect([long.status, long.headers['x-error-code']]).toEqual([431, 'head_too_large'])
  })

  test('HEAD and 304 have no body, and cost nothing', async () => {
    using session = open()
    const head = await askSession(session, path(), { ':method': 'HEAD' })
    expect([head.status, head.headers['content-length'], head.body.length, head.complete]).toEqual([
      200,
      '1024',
      0,
      true,
    ])
    const again = await askSession(session, path(), { 'if-none-match': String(head.headers['etag']) })
    expect([again.status, again.body.length, again.complete]).toEqual([304, 0, true])
  })

  test('is answered with fields that HTTP/2 allows, whatever the storage sends', async () => {
    using session = open()
    const { status, headers } = await askSession(session, path('odd', CRUDE))
    expect(status).toBe(200)
    expect(headers).toMatchObject({ etag: '"a"', 'x-odd': 'café, tea' })
    expect(headers).not.toHaveProperty('keep-alive')
    expect(headers).not.toHaveProperty('transfer-encoding')
  })

  test('of a range gets that range', async () => {
    using session = open()
    const { status, headers, body } = await askSession(session, path(), { range: 'bytes=10-19' })
    expect([status, headers['content-range'], body.length]).toEqual([206, 'bytes 10-19/1024', 10])
  })
})

describe('a session', () => {
  test('may have 128 streams at a time', async () => {
    using session = open()
    await once(session, 'remoteSettings')
    expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 128, maxHeaderListSize: 16_384 })
  })

  test('ends, without a failed request, when it has had as many as it may have', async () => {
    using session = open()
    const goaway = once(session, 'goaway')
    const statuses: number[] = []
    for (let at = 0; at < 300; at++) statuses.push((await askSession(session, path())).status)
    await goaway
    expect(new Set(statuses)).toEqual(new Set([200]))
    await waitFor(() => session.destroyed)
  })
})

describe('a flood of', () => {
  test.each<[string, () => Generator<Buffer>]>([
    [
      'streams that are opened and reset (CVE-2023-44487)',
      function* () {
        const block = headBlock(path('silent', CRUDE))
        for (let id = 1; id < 40_000; id += 2)
          yield Buffer.concat([
            frame(HEADERS, END_STREAM | END_HEADERS, id, block),
            frame(RST, 0, id, Buffer.from([0, 0, 0, 8])),
          ])
      },
    ],
    [
      'settings (CVE-2019-9515)',
      function* () {
        for (let at = 0; at < 200_000; at++)
          yield frame(SETTINGS, 0, 0, Buffer.from([0, 3, 0, 0, 0, at & 255]))
      },
    ],
    [
      'pings (CVE-2019-9512)',
      function* () {
        for (let at = 0; at < 400_000; at++) yield frame(PING, 0, 0, Buffer.alloc(8))
      },
    ],
    [
      'streams that the gate is made to reset (CVE-2025-8671)',
      function* () {
        const block = headBlock(path('silent', CRUDE))
        for (let id = 1; id < 40_000; id += 2)
          yield Buffer.concat([
            frame(HEADERS, END_STREAM | END_HEADERS, id, block),
            // By nothing (RFC 9113 §6.9: an error of the stream).
            frame(WINDOW_UPDATE, 0, id, Buffer.alloc(4)),
          ])
      },
    ],
    [
      'empty pieces of a body (CVE-2019-9518)',
      function* () {
        yield frame(
          HEADERS,
          END_HEADERS,
          1,
          Buffer.concat([literal(':method', 'POST'), headBlock(path()).subarray(13)]),
        )
        for (let at = 0; at < 200_000; at++) yield frame(DATA, 0, 1)
      },
    ],
    [
      'continuations of a head (CVE-2024-28182)',
      function* () {
        yield frame(HEADERS, END_STREAM, 1, headBlock(path()))
        for (let at = 0; at < 200_000; at++) yield frame(CONTINUATION, 0, 1, literal('x', 'y'))
      },
    ],
  ])('%s ends the connection that it comes on, and no other', async (_, frames) => {
    using other = open()
    expect((await askSession(other, path())).status).toBe(200)
    using socket = await openFrames(gate.port)
    // Whoever floods does not read, so that acknowledgements pile up.
    socket.pause()
    let isOver = false
    const over = new Promise<void>((resolve) => socket.once('close', resolve)).then(
      () => void (isOver = true),
    )
    const sending = (async () => {
      for (const each of frames()) {
        if (isOver || socket.destroyed) return
        if (!socket.write(each)) await Promise.race([once(socket, 'drain'), over]).catch(() => undefined)
      }
    })()
    await waitFor(() => isOver || socket.resume().destroyed, { what: 'the connection to be ended' })
    await sending
    expect((await askSession(other, path())).status).toBe(200)
    const fresh = open()
    expect((await askSession(fresh, path())).status).toBe(200)
    fresh.destroy()
  })

  test('heads that are small, and large when they are unpacked (CVE-2016-6581), is refused head by head', async () => {
    using other = open()
    const before = crude.requests().length
    using socket = await openFrames(gate.port)
    const resets = new Set<number>()
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
        if (bytes[at + 3] === RST) resets.add(bytes.readUInt32BE(at + 5))
    })
    // One field of nearly 4 KiB, which each byte names once more: 32 MB in 12 KB.
    const block = [
      headBlock(path('x', CRUDE)),
      remembered('x', 'y'.repeat(4_000)),
      Buffer.alloc(8_000, 0x80 | 62),
    ]
    for (let id = 1; id < 200; id += 2)
      socket.write(frame(HEADERS, END_STREAM | END_HEADERS, id, Buffer.concat(block)))
    expect((await askSession(other, path())).status).toBe(200)
    await waitFor(() => resets.size === 100)
    expect(crude.requests()).toHaveLength(before)
  })

  test('fields that make a head too long is refused', async () => {
    using session = open()
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`x-${at}`, 'y'.repeat(1_000)]))
    expect((await askSession(session, path(), fields)).headers['x-error-code']).toBe('head_too_large')
    expect((await askSession(session, path())).status).toBe(200)
  })
})

test('the end of the gate lets streams under way end, and begins no other', async () => {
  const repositories = { [FILES]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } }
  const ending = await startGate({ protocol: 'h2', config: { repositories } })
  const { token: secret } = await ending.createToken(FILES)
  const session = openSession(ending.url)
  const target = `/${secret}/${FILES}/large.bin`
  const stream = await begin(session, target)
  let bytes = 0
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
  const closed = once(stream, 'close')
  stream.pause()
  const ended = ending.stop('SIGTERM')
  await once(session, 'goaway')
  stream.resume()
  await closed
  expect(bytes).toBe(LARGE)
  expect(await ended).toBe(0)
})
