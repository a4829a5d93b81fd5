import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  createServer,
  getCACertificates,
  setDefaultCACertificates,
  type Server,
  type TLSSocket,
} from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWireClient } from '../../../src/deliver/wire/client.ts'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/processes.ts'
import { ask, askHoldingBack, faultOf, GET_X, PATIENT } from './asking.ts'

const BODY = Buffer.alloc(3_000_000, 'The quick brown fox. ')

let directory: TemporaryDirectory
let server: Server
let port = 0
const names: unknown[] = []
const reused: boolean[] = []
const sockets = new Set<TLSSocket>()

/** A storage with a certificate for `localhost`. */
beforeAll(async () => {
  directory = await temporaryDirectory('tls')
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory.path, name))
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ]
  execFileSync('openssl', [...made, ...subject, '-keyout', String(key), '-out', String(cert)], {
    stdio: 'ignore',
  })
  const certificate = readFileSync(String(cert), 'utf8')
  server = createServer({ key: readFileSync(String(key)), cert: certificate }, (socket) => {
    names.push(socket.servername)
    reused.push(socket.isSessionReused())
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${BODY.length}\r\n\r\n`)
      socket.write(BODY)
    })
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  trusted = certificate
})

let trusted = ''

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
  await directory.remove()
})

test('refuses a certificate that nobody vouches for', async () => {
  const client = createWireClient({ ...PATIENT, url: new URL(`https://localhost:${port}`) })
  expect(faultOf(await ask(client))).toBe('unreachable')
  await client.close()
})

test('refuses a certificate for another name', async () => {
  setDefaultCACertificates([...getCACertificates(), trusted])
  const { address } = server.address() as AddressInfo
  const host = address.includes(':') ? `[${address}]` : address
  const client = createWireClient({ ...PATIENT, url: new URL(`https://${host}:${port}`) })
  expect((await ask(client)).error?.message).toMatch(/altnames|does not match/i)
  await client.close()
})

test('asks by name, takes every byte also when it is held back, and uses the session again', async () => {
  setDefaultCACertificates([...getCACertificates(), trusted])
  const client = createWireClient({ ...PATIENT, url: new URL(`https://localhost:${port}`), connections: 1 })
  expect((await ask(client)).content.equals(BODY)).toBe(true)
  expect((await askHoldingBack(client)).equals(BODY)).toBe(true)

  const { promise: answered, resolve: leave } = Promise.withResolvers<void>()
  client.ask(GET_X, {
    onHead: (_, leaving) => {
      leaving.abort()
      leave()
    },
    onData: () => undefined,
    onEnd: () => undefined,
    onError: () => undefined,
  })
  await answered
  expect((await ask(client)).content.equals(BODY)).toBe(true)
  expect(names.slice(-2)).toEqual(['localhost', 'localhost'])
  expect(reused.at(-1)).toBe(true)
  await client.close()
})

test('gives up on a handshake that does not come to an end', async () => {
  const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const url = new URL(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  const client = createWireClient({ ...PATIENT, url, connectTimeoutMs: 200 })
  expect(faultOf(await ask(client))).toBe('late')
  await client.close()
  silent.close()
})
