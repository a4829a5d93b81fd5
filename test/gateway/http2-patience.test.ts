import { once } from 'node:events'
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import { END_HEADERS, END_STREAM, frame, headBlock, HEADERS, openFrames, PING } from '../support/frames.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { askSession, openSession } from '../support/http2.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { readFigures } from './crew.ts'

const FILES = 'acme/files'
const LATE = 'acme/late'
const SOON = { timeout: 30_000 }
const LARGE = 16_000_000

let storage: Storage
let late: CrudeServer
let gate: Gate
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('raw')
  // Thinks for longer than any client may be silent.
  late = await startCrudeServer((socket) => {
    setTimeout(() => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE}\r\n\r\n`)
      socket.write(Buffer.alloc(LARGE))
    }, 1_500)
  })
  gate = await startGate({
    protocol: 'h2',
    config: {
      repositories: {
        [FILES]: { format: 'raw', upstream: `${storage.url}/raw/` },
        [LATE]: { format: 'raw', upstream: `${late.url}/`, cache: false },
      },
      client: {
        headers_timeout: '600ms',
        stall_timeout: '800ms',
        keep_alive_timeout: '500ms',
        max_requests: 1_000_000,
      },
    },
  })
  token = await gate.createToken(FILES, { repositories: ['acme/*'] })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await late?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const path = (file = 'small.bin', repository = FILES): string => `/${token.token}/${repository}/${file}`
const figure = async (name: string): Promise<number> => (await readFigures(gate)).get(name) ?? 0
const cuts = (reason: string): Promise<number> => figure(`postern_connections_cut_total{reason="${reason}"}`)
const noneIsOpen = (): Promise<unknown> => expect.poll(() => figure('postern_connections_open'), SOON).toBe(0)

function open(): ClientHttp2Session & Disposable {
  const session = openSession(gate.url)
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() })
}

/** Begins a download of which nothing more than its window is taken. */
async function stall(session: ClientHttp2Session, target: string): Promise<ClientHttp2Stream> {
  const stream = session.request({ ':path': target })
  stream.on('error', () => undefined).pause()
  await once(stream, 'response')
  return stream
}

/** Sends pings on a connection until it is closed, or disposed of. */
function keepBusy(socket: TLSSocket): Disposable {
  const timer = setInterval(() => socket.write(frame(PING, 0, 0, Buffer.alloc(8))), 50)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

describe('a connection is closed, although its client does not close it', () => {
  test.each<[string, (socket: TLSSocket) => void, number]>([
    ['nothing is asked', () => undefined, 1],
    [
      'the head of the first request does not end',
      (socket) => socket.write(frame(HEADERS, END_STREAM, 1, headBlock('/'))),
      1,
    ],
    [
      'nothing more is asked',
      (socket) => socket.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, headBlock(path()))),
      0,
    ],
  ])('on which %s, whatever else comes', async (what, begin, slow) => {
    const before = await cuts('slow_request')
    using socket = await openFrames(gate.port, true)
    begin(socket)
    // A head that has begun may have nothing but its end behind it.
    using _pings = what.includes('head') ? undefined : keepBusy(socket)
    await waitFor(async () => (await figure('postern_connections_open')) > 0)
    await noneIsOpen()
    expect(await cuts('slow_request')).toBe(before + slow)
  })

  test('after the only stream on it was cut', async () => {
    using session = open()
    const stream = await stall(session, path('large.bin'))
    await expect.poll(() => stream.rstCode, SOON).toBe(constants.NGHTTP2_INTERNAL_ERROR)
    await noneIsOpen()
  })
})

describe('a stream whose client takes nothing is cut', () => {
  test('while others go on, and pings come', async () => {
    const before = await cuts('slow_reader')
    using session = open()
    const { token: secret } = await gate.createToken(FILES, { limit_concurrency: 1 })
    const again = async () => (await askSession(session, `/${secret}/${FILES}/small.bin`)).status
    const stream = await stall(session, `/${secret}/${FILES}/large.bin`)
    expect(await again()).toBe(429)
    const pings = setInterval(() => session.destroyed || session.ping(() => undefined), 50)
    while (stream.rstCode === undefined || stream.rstCode === 0)
      expect((await askSession(session, path())).status).toBe(200)
    clearInterval(pings)
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR)
    expect(await cuts('slow_reader')).toBe(before + 1)
    await expect.poll(again, SOON).toBe(200)
  })

  test('after a storage that needed longer than a client may', async () => {
    using session = open()
    const stream = await stall(session, path('x', LATE))
    await expect.poll(() => stream.rstCode, SOON).toBe(constants.NGHTTP2_INTERNAL_ERROR)
  })

  test('and not one whose client takes something now and then', async () => {
    using session = open()
    const stream = session.request({ ':path': path('large.bin') })
    let bytes = 0
    let chunks = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (++chunks % 4 > 0) return
      stream.pause()
      setTimeout(() => stream.resume(), 4)
    })
    await once(stream, 'close')
    expect([bytes, stream.rstCode]).toEqual([LARGE, constants.NGHTTP2_NO_ERROR])
  })
})
