import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sharedAuthority } from '../support/certificates.ts'
import { startGate, type Gate, type GateToken, type Protocol } from '../support/gate.ts'
import { askSession, openSession } from '../support/http2.ts'
import { startHaproxy } from '../support/haproxy.ts'
import { temporaryDirectory, waitFor, type TemporaryDirectory } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, openRaw } from '../support/requests.ts'
import { readFigures } from './crew.ts'

const REPOSITORY = 'acme/files'
const HEADER = 'PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\n'
const ADDRESSES = [203, 0, 113, 7, 198, 51, 100, 1, 18, 103, 1, 187]
/** With a TLV of three bytes behind the addresses. */
const HEADER_V2 = version2([0x21, 0x11], Buffer.from([...ADDRESSES, 4, 0, 3, 1, 2, 3]))

function version2(kind: readonly number[], content: Buffer): Buffer {
  const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
  return Buffer.concat([
    signature,
    Buffer.from([...kind, content.length >> 8, content.length & 255]),
    content,
  ])
}

let storage: Storage
let folder: TemporaryDirectory
let gate: Gate
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('raw')
  folder = await temporaryDirectory('proxy')
})
afterEach(async () => gate?.[Symbol.asyncDispose]())
afterAll(async () => {
  await folder?.remove()
  await storage?.[Symbol.asyncDispose]()
})

async function start(protocol: Protocol, extra: object = {}): Promise<void> {
  const repositories = { [REPOSITORY]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } }
  const config = { repositories, proxy_protocol: true, trusted_proxies: ['127.0.0.1'], ...extra }
  gate = await startGate({ protocol, config })
  token = await gate.createToken(REPOSITORY, { limit_networks: ['203.0.113.0/24'] })
}

const request = (): string =>
  `GET /${token.token}/${REPOSITORY}/small.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`

/** What is answered to bytes on a connection of their own. */
async function talk(...pieces: (string | Buffer)[]): Promise<string> {
  using raw = await openRaw(gate.port)
  for (const piece of pieces) {
    raw.socket.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await raw.closed.catch(() => undefined)
  return raw.received()
}

describe('a PROXY header', () => {
  test.each<[string, string | Buffer]>([
    ['version 1', HEADER],
    ['version 2', HEADER_V2],
  ])('of %s says who the client is, whole or in pieces', async (_, header) => {
    await start('http')
    expect(await talk(Buffer.concat([Buffer.from(header), Buffer.from(request())]))).toMatch(
      /^HTTP\/1\.1 200 /,
    )
    const bytes = [...Buffer.from(header)].map((byte) => Buffer.from([byte]))
    expect(await talk(...bytes, request())).toMatch(/^HTTP\/1\.1 200 /)
    await waitFor(() => gate.output().includes('"client":"203.0.113.7"'))
    await expect
      .poll(() => gate.readToken(REPOSITORY, token.slug_perm))
      .toMatchObject({ downloads: 2, clients: 1 })
  })

  test('of a proxy that speaks for itself leaves the rest to X-Forwarded-For', async () => {
    await start('http')
    const forwarded = request().replace('Host: x', 'Host: x\r\nX-Forwarded-For: 203.0.113.9')
    for (const header of [
      // LOCAL, with what should not be there; a Unix socket; a family that it does not know, and a TLV.
      version2([0x20, 0x11], Buffer.alloc(3)),
      version2([0x21, 0x31], Buffer.alloc(216)),
      version2([0x21, 0x00], Buffer.from([4, 0, 0])),
      'PROXY UNKNOWN\r\n',
    ]) {
      expect(await talk(header, forwarded)).toMatch(/^HTTP\/1\.1 200 /)
      expect(await talk(header, request())).toContain('network_not_allowed')
    }
    await waitFor(() => gate.output().includes('"client":"203.0.113.9"'))
  })

  test('with addresses is not overruled by X-Forwarded-For', async () => {
    await start('http')
    const forwarded = request().replace('Host: x', 'Host: x\r\nX-Forwarded-For: 203.0.113.9')
    expect(await talk(HEADER.replace('203.0.113.7', '198.51.100.7'), forwarded)).toContain('HTTP/1.1 403 ')
    expect(await talk(HEADER, forwarded)).toMatch(/^HTTP\/1\.1 200 /)
    await waitFor(() => gate.output().includes('"client":"203.0.113.7"'))
    expect(gate.output()).not.toContain('203.0.113.9')
  })

  test('stands before TLS, for HTTP/1.1 and HTTP/2', async () => {
    await start('h2')
    for (const header of [HEADER, HEADER_V2]) {
      const raw = connect(gate.port, '127.0.0.1')
      raw.write(header)
      const secure = connectTls({ socket: raw, ca: sharedAuthority(), servername: 'localhost' })
      await once(secure, 'secureConnect')
      secure.write(request())
      const [chunk] = (await once(secure, 'data')) as [Buffer]
      expect(chunk.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /)
      secure.destroy()
      const beneath = connect(gate.port, '127.0.0.1')
      beneath.write(header)
      const createConnection = () =>
        connectTls({ socket: beneath, ca: sharedAuthority(), servername: 'localhost', ALPNProtocols: ['h2'] })
      const session = openSession(gate.url, { createConnection })
      expect((await askSession(session, `/${token.token}/${REPOSITORY}/small.bin`)).status).toBe(200)
      session.destroy()
    }
  })

  test.each(['send-proxy', 'send-proxy-v2'])('is sent by HAProxy with %s', async (option) => {
    await start('http')
    const free = await gate.createToken(REPOSITORY)
    await using haproxy = await startHaproxy(folder.path, `server gate 127.0.0.1:${gate.port} ${option}`)
    expect((await get(`${haproxy.url}/${free.token}/${REPOSITORY}/small.bin`)).status).toBe(200)
    await waitFor(() => gate.output().includes('"client":"127.0.0.1"'))
  })
})

describe('a connection is closed', () => {
  const refused = async (): Promise<number> =>
    (await readFigures(gate)).get('postern_connections_cut_total{reason="no_proxy"}') ?? 0

  test('of a trusted proxy that sends no header, or one that can not be read', async () => {
    await start('http')
    expect(await talk(request())).toBe('')
    expect(await talk('PROXY TCP4 nonsense\r\n', request())).toBe('')
    await expect.poll(refused).toBe(2)
    await expect.poll(gate.output).toContain('it does not begin with a PROXY header')
  })

  test('of a trusted proxy whose header is too long', async () => {
    await start('http')
    expect(await talk(`PROXY UNKNOWN ${'x'.repeat(200)}\r\n`, request())).toBe('')
    await expect.poll(gate.output).toContain('the line of its PROXY header does not end')
    expect(await talk(version2([0x21, 0x11], Buffer.alloc(60_000)), request())).toBe('')
    await expect.poll(refused).toBe(2)
  })

  test('of a trusted proxy that says nothing, or dribbles its header', async () => {
    await start('http', { client: { handshake_timeout: '200ms' } })
    expect(await talk('PROXY ')).toBe('')
    using raw = await openRaw(gate.port)
    let sent = 0
    const dribble = setInterval(() => raw.socket.write(HEADER.charAt(sent++)), 20)
    await raw.closed.catch(() => undefined)
    clearInterval(dribble)
    expect([raw.received(), sent < HEADER.length]).toEqual(['', true])
    await expect.poll(refused).toBe(2)
    await expect.poll(gate.output).toContain('did not come in time')
  })

  test('of anybody else, whatever it sends', async () => {
    await start('http', { trusted_proxies: ['192.0.2.1'] })
    expect(await talk(HEADER + request())).toBe('')
    expect(await talk(request())).toBe('')
    await expect.poll(refused).toBe(2)
    await expect.poll(gate.output).toContain('127.0.0.1 is no trusted proxy')
  })
})

test('where none is expected a header is no request, and the answer says so', async () => {
  await start('http', { proxy_protocol: false })
  const answer = await talk(HEADER + request())
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer).toContain('proxy_protocol is off')
})

test('connections are counted by whom the proxy speaks for', async () => {
  await start('http', { client: { max_connections_per_address: 2 } })
  const hold = async () => {
    const raw = await openRaw(gate.port)
    raw.socket.write(HEADER)
    return raw
  }
  using _one = await hold()
  using _two = await hold()
  await waitFor(async () => (await readFigures(gate)).get('postern_connections_open') === 2)
  using third = await hold()
  await third.closed
  expect(await talk(HEADER.replace('203.0.113.7', '203.0.113.8') + request())).toMatch(/^HTTP\/1\.1 200 /)
})

test('a Unix socket is as good as the loopback address', async () => {
  const path = join(folder.path, 'gate.sock')
  await start('http', { listen: `unix:${path}` })
  const socket = connect(path)
  socket.write(HEADER + request())
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
  await once(socket, 'close')
  expect(received).toMatch(/^HTTP\/1\.1 200 /)
})
