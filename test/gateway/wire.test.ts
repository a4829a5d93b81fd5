import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { openRaw } from '../support/requests.ts'

const REPOSITORY = 'acme/files'

let storage: Storage
let gate: Gate
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('raw')
  const repositories = { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } } as const
  gate = await startGate({ config: { repositories } })
  token = await gate.createToken(REPOSITORY, { limit_num_downloads: 1_000 })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const path = (file = 'small.bin'): string => `/${token.token}/${REPOSITORY}/${file}`

/** Sends bytes as they are and gives all status lines that come back until the connection is closed. */
async function talk(bytes: string): Promise<string[]> {
  using raw = await openRaw(gate.port)
  raw.socket.write(bytes)
  await raw.closed
  return raw.received().match(/^HTTP\/1\.1 \d+ [^\r\n]*/gm) ?? []
}

describe('bytes that are no request', () => {
  test.each<[string, string]>([
    ['garbage', 'hello there\r\n\r\n'],
    ['a TLS hello', '\u0016\u0003\u0001\u0002\u0000\u0001'],
    ['a space inside the target', `GET ${'/a b'} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a line feed in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\nc\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a head that is too long', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`],
  ])('%s: 400 or 431, and the connection is closed', async (_, bytes) => {
    expect(await talk(bytes)).toEqual([expect.stringMatching(/^HTTP\/1\.1 (?:400|431) /)])
  })
})

describe('a request with a body', () => {
  test.each<[string, string, string]>([
    ['GET with a length', `GET PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`, '400'],
    ['GET with chunks', `GET PATH HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, '400'],
    ['POST', `POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`, '405'],
    [
      'PUT that waits to go on',
      `PUT PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`,
      '405',
    ],
  ])('%s is refused, reaches no storage, and what follows it is not read', async (_, bytes, status) => {
    // So that the storage could be asked at once.
    await (await fetch(gate.url + path('other.bin'))).arrayBuffer()
    const before = storage.heard().length
    const next = `GET ${path()} HTTP/1.1\r\nHost: x\r\n\r\n`
    const statuses = await talk(bytes.replace('PATH', path()) + next)
    expect(statuses).toEqual([expect.stringMatching(new RegExp(`^HTTP/1\\.1 ${status} `))])
    expect(storage.heard().slice(before)).toBe('')
  })
})

test.each(['PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
  '%s is refused with what is allowed',
  async (method) => {
    using raw = await openRaw(gate.port)
    raw.socket.write(`${method} ${path()} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    await raw.closed
    expect(raw.received()).toMatch(/^HTTP\/1\.1 405 Read only\r\n/)
    expect(raw.received()).toMatch(/^allow: GET, HEAD\r$/m)
  },
)

test.each([
  'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings',
  'Upgrade: websocket\r\nConnection: Upgrade',
])('a wish to upgrade is passed over: %s', async (headers) => {
  using raw = await openRaw(gate.port)
  raw.socket.write(`GET ${path()} HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`)
  await waitFor(() => raw.received().includes('\r\n\r\n'))
  expect(raw.received()).toMatch(/^HTTP\/1\.1 200 /)
  expect(storage.heard()).not.toMatch(/^(upgrade|http2-settings):/im)
})

test('two Host headers are refused', async () => {
  using raw = await openRaw(gate.port)
  raw.socket.write(`GET ${path()} HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n`)
  await raw.closed
  expect(raw.received()).toMatch(/^HTTP\/1\.1 400 /)
})

test('requests in a pipeline are answered in order', async () => {
  using raw = await openRaw(gate.port)
  const files = ['small.bin', 'missing.bin', 'tool/1.0/tool-1.0.bin', 'small.bin']
  raw.socket.write(files.map((file) => `GET ${path(file)} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
  await waitFor(() => (raw.received().match(/HTTP\/1\.1 /g) ?? []).length === 4)
  expect(raw.received().match(/HTTP\/1\.1 \d+/g)).toEqual(
    [200, 404, 200, 200].map((status) => `HTTP/1.1 ${status}`),
  )
})

test('a client that goes away with a pipeline of requests is settled for what it got', async () => {
  const limited = await gate.createToken(REPOSITORY, { limit_num_downloads: 100 })
  const ask = (file: string): string =>
    `GET /${limited.token}/${REPOSITORY}/${file} HTTP/1.1\r\nHost: x\r\n\r\n`
  const downloads = async (): Promise<number> =>
    (await gate.readToken(REPOSITORY, limited.slug_perm)).downloads
  using raw = await openRaw(gate.port)
  raw.socket.pause()
  raw.socket.write(ask('large.bin') + ask('small.bin') + ask('tool/1.0/tool-1.0.bin'))
  await waitFor(async () => (await downloads()) === 3, { what: 'all three to be charged' })
  raw.socket.destroy()
  // The first was under way; of the others nothing was sent, so that they cost nothing.
  await expect.poll(downloads).toBe(1)
})

test('HTTP/1.0 is answered, and closed', async () => {
  using raw = await openRaw(gate.port)
  raw.socket.write(`GET ${path()} HTTP/1.0\r\n\r\n`)
  await raw.closed
  expect(raw.received()).toMatch(/^HTTP\/1\.1 200 /)
  expect(raw.received().length).toBeGreaterThan(1_024)
})
