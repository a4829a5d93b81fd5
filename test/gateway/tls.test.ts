import { copyFileSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeCertificate, type CertificatePair } from '../support/certificates.ts'
import { startGate, type Gate, type GateToken } from '../support/gate.ts'
import { askSession, openSession } from '../support/http2.ts'
import {
  freePort,
  startServer,
  temporaryDirectory,
  waitFor,
  type TemporaryDirectory,
} from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { openRaw } from '../support/requests.ts'
import { readFigures, waitForAll } from './crew.ts'

const REPOSITORY = 'acme/files'
const SOON = { timeout: 30_000 }

let storage: Storage
let folder: TemporaryDirectory
let one: CertificatePair
let two: CertificatePair
let used: CertificatePair
let gate: Gate
let token: GateToken

beforeAll(async () => {
  storage = await startStorage('raw')
  folder = await temporaryDirectory('tls-gate')
  one = makeCertificate(folder.path, 'one', ['one.test'])
  two = makeCertificate(folder.path, 'two', ['two.test', '*.two.test'])
  used = { cert: join(folder.path, 'used.pem'), key: join(folder.path, 'used.key') }
})
beforeEach(() => put(one))
afterEach(async () => gate?.[Symbol.asyncDispose]())
afterAll(async () => {
  await folder?.remove()
  await storage?.[Symbol.asyncDispose]()
})

function put({ cert, key }: CertificatePair): void {
  copyFileSync(key, used.key)
  copyFileSync(cert, used.cert)
}

async function start(tls: object = { certificates: [used] }, extra: object = {}): Promise<void> {
  const repositories = { [REPOSITORY]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } }
  gate = await startGate({ protocol: 'https', config: { repositories, tls, ...extra } })
  token = await gate.createToken(REPOSITORY)
}

async function readMetrics(port: number): Promise<string> {
  const asked = request({ port, host: '127.0.0.1', path: '/metrics', rejectUnauthorized: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return text(response)
}

async function shake(options: ConnectionOptions = {}, port = gate.port): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  return socket
}

/** What the certificate is for that a client is shown. */
async function shownTo(servername: string | undefined, port = gate.port): Promise<string | undefined> {
  const socket = await shake(servername === undefined ? {} : { servername }, port)
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return Array.isArray(CN) ? CN[0] : CN
}

/** The status of a download, on a connection of its own unless an agent is given. */
async function download(agent: Agent | false = false): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const url = `${gate.url}/${token.token}/${REPOSITORY}/small.bin`
  request(url, { agent, rejectUnauthorized: false }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode ?? 0))
    response.once('error', reject)
  })
    .once('error', reject)
    .end()
  return promise
}

describe('a listener with TLS', () => {
  test('shows the certificate of the name that was asked for, else the first', async () => {
    await start({ certificates: [one, two] })
    const names = ['one.test', 'two.test', 'a.two.test', 'TWO.test', 'a.b.two.test', 'other.test', undefined]
    expect(await Promise.all(names.map((name) => shownTo(name)))).toEqual([
      'one.test',
      'two.test',
      'two.test',
      'two.test',
      'one.test',
      'one.test',
      'one.test',
    ])
  })

  test('speaks HTTP/2 to who wants it, HTTP/1.1 to others, and nothing older than TLS 1.2', async () => {
    await start()
    const alpn = async (...ALPNProtocols: string[]): Promise<unknown> => {
      const socket = await shake(ALPNProtocols.length > 0 ? { ALPNProtocols } : {})
      socket.destroy()
      return socket.alpnProtocol
    }
    expect(await alpn('h2', 'http/1.1')).toBe('h2')
    expect(await alpn('http/1.1')).toBe('http/1.1')
    expect(await alpn()).toBe(false)
    await expect(alpn('gopher')).rejects.toThrow(/alert/i)
    await expect(
      shake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
    ).rejects.toThrow(/alert|socket|ECONNRESET|protocol/i)
    await expect(shake({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).rejects.toThrow(
      /alert|socket|ECONNRESET|protocol/i,
    )
    const older = await shake({ maxVersion: 'TLSv1.2' })
    expect(older.getProtocol()).toBe('TLSv1.2')
    older.destroy()
  })

  test('leaves HTTP/2 and TLS 1.2 away where it is told to', async () => {
    await start({ certificates: [used], http2: false, min_version: 1.3 })
    await expect(shake({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert|socket|ECONNRESET|protocol/i)
    const socket = await shake({ ALPNProtocols: ['h2', 'http/1.1'] })
    expect([socket.alpnProtocol, socket.getProtocol()]).toEqual(['http/1.1', 'TLSv1.3'])
    socket.destroy()
  })

  test('closes what speaks no TLS, and what never comes to the end of a handshake', async () => {
    await start({ certificates: [used] }, { client: { handshake_timeout: '300ms' } })
    using plain = await openRaw(gate.port)
    plain.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await plain.closed
    expect(plain.received()).not.toContain('HTTP/')
    using silent = await openRaw(gate.port)
    await silent.closed
    await expect
      .poll(async () => (await readFigures(gate)).get('postern_connections_cut_total{reason="handshake"}'))
      .toBe(2)
  })

  test('offers URLs with https', async () => {
    await start({ certificates: [used] }, { public_url: undefined })
    await expect.poll(gate.output).toContain(`https://127.0.0.1:${gate.port}`)
  })
})

describe('a management side with TLS', () => {
  test.each([1, 2])(
    'is reached by HTTPS; its certificate follows its files, and is told of (workers: %i)',
    async (workers) => {
      const port = await freePort()
      const config = {
        store: `sqlite:${folder.path}/admin-${workers}.db`,
        listen: '127.0.0.1:0',
        admin: { listen: `127.0.0.1:${port}`, tls: { certificates: [used] } },
        repositories: { [REPOSITORY]: { format: 'raw', upstream: `${storage.url}/raw/` } },
        workers,
      }
      const file = join(folder.path, 'admin.yaml')
      await writeFile(file, JSON.stringify(config))
      const main = join(import.meta.dirname, '../../src/main.ts')
      await using server = await startServer(process.execPath, [main, 'serve', '--config', file], {
        isReady: async () => (await shownTo(undefined, port)) === 'one.test',
      })
      await expect.poll(server.output).toContain(`management at https://127.0.0.1:${port}`)
      const expiry = /^postern_tls_certificate_expiry_timestamp_seconds\{certificate="(.+)"\} [1-9]\d{9}$/m
      const told = async (): Promise<string | undefined> => expiry.exec(await readMetrics(port))?.[1]
      expect(await told()).toBe('one.test')
      put(two)
      await expect.poll(() => shownTo(undefined, port), SOON).toBe('two.test')
      expect(await told()).toBe('two.test')
    },
  )
})

describe.each([1, 2])('with workers: %i, certificates', (workers) => {
  const startCrew = async (): Promise<void> => {
    await start({ certificates: [used] }, { workers })
    if (workers > 1) await waitForAll(gate)
  }
  /** What is shown by any of the processes. */
  const shown = async (): Promise<readonly (string | undefined)[]> => {
    const all = await Promise.all(Array.from({ length: workers * 12 }, () => shownTo(undefined)))
    return [...new Set(all)]
  }

  test('are swapped under load without a failed request', { timeout: 60_000 }, async () => {
    await startCrew()
    const over = new AbortController()
    const statuses = new Set<number>()
    let count = 0
    const load = async (agent: Agent | false): Promise<void> => {
      for (; !over.signal.aborted; count++) statuses.add(await download(agent))
    }
    const lasting = new Agent({ keepAlive: true })
    const session = openSession(gate.url, { rejectUnauthorized: false })
    const http2 = async (): Promise<void> => {
      for (; !over.signal.aborted; count++)
        statuses.add((await askSession(session, `/${token.token}/${REPOSITORY}/small.bin`)).status)
    }
    const running = Promise.all([load(false), load(false), load(false), load(lasting), http2()])
    for (const next of [two, one, two]) {
      const before = count
      put(next)
      const name = next === two ? 'two.test' : 'one.test'
      await expect.poll(shown, SOON).toEqual([name])
      await waitFor(() => count > before + 50)
    }
    over.abort()
    await running
    lasting.destroy()
    session.close()
    expect([...statuses]).toEqual([200])
  })

  test('that can not be used leave the old one, and are told of', { timeout: 60_000 }, async () => {
    await startCrew()
    const labels = '{certificate="one.test"}'
    const figure = async (name: string): Promise<number> =>
      (await readFigures(gate)).get(`postern_tls_certificate_${name}${labels}`) ?? -1
    expect(await figure('stale')).toBe(0)
    expect(await figure('expiry_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000 + 29 * 86_400)
    expect(await figure('expiry_timestamp_seconds')).toBeLessThan(Date.now() / 1000 + 31 * 86_400)
    writeFileSync(used.cert, 'nonsense')
    await waitFor(() => gate.output().includes('was not replaced; the old one stays'))
    await expect.poll(() => figure('stale'), SOON).toBe(1)
    expect(await shown()).toEqual(['one.test'])
    expect(await download()).toBe(200)
    put(two)
    await expect.poll(shown, SOON).toEqual(['two.test'])
  })

  test('are read anew at SIGHUP, others in their place too', { timeout: 60_000 }, async () => {
    await startCrew()
    const config = JSON.parse(await gate.readConfig()) as object
    await writeFile(gate.configFile, JSON.stringify({ ...config, tls: { certificates: [two, used] } }))
    process.kill(gate.pid, 'SIGHUP')
    await waitFor(() => gate.output().includes('was reloaded'))
    await expect.poll(shown, SOON).toEqual(['two.test'])
    expect(gate.output()).not.toContain('need a restart')
    const missing = { cert: '/nowhere.pem', key: '/nowhere.key' }
    await writeFile(gate.configFile, JSON.stringify({ ...config, tls: { certificates: [missing] } }))
    process.kill(gate.pid, 'SIGHUP')
    await waitFor(() => gate.output().includes('/nowhere.pem'))
    expect(await shown()).toEqual(['two.test'])
  })
})
