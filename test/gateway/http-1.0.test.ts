import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import type { GateToken } from '../support/gate.ts'
import { openRaw } from '../support/requests.ts'
import { REPOSITORY, startPair, type Pair } from './pair.ts'

const CHUNK = `400\r\n${'x'.repeat(1_024)}\r\n`

let storage: CrudeServer
let pair: Pair

/** A body without a length, which ends well, breaks off, or goes on. */
function answer(socket: Socket, head: string): void {
  socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNK}`)
  if (head.includes('/whole')) socket.write('0\r\n\r\n')
  else if (head.includes('/broken')) setImmediate(() => socket.destroy())
  else socket.write(CHUNK.repeat(8))
}

beforeAll(async () => {
  storage = await startCrudeServer(answer)
  pair = await startPair(`${storage.url}/`)
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

/** How the connection of an HTTP/1.0 client ends, for whom an orderly end is the end of the body. */
async function endOf({ token }: GateToken, path: string): Promise<unknown> {
  using client = await openRaw(pair.here.port)
  client.closed.catch(() => undefined)
  const ended = once(client.socket, 'end').then(
    () => client.received().split('\r\n\r\n')[1],
    (error: NodeJS.ErrnoException) => error.code,
  )
  client.socket.write(`GET /${token}/${REPOSITORY}/${path} HTTP/1.0\r\nHost: x\r\n\r\n`)
  return await ended
}

test('a client of HTTP/1.0 is given a whole body, to the end of the connection', async () => {
  const token = await pair.here.createToken(REPOSITORY)
  expect(await endOf(token, 'whole.bin')).toBe('x'.repeat(1_024))
})

test('it never takes a body that the storage broke off for a whole one', async () => {
  const token = await pair.here.createToken(REPOSITORY)
  expect(await endOf(token, 'broken.bin')).toBe('ECONNRESET')
})

test('nor one that was cut because the bandwidth is used up', async () => {
  const token = await pair.here.createToken(REPOSITORY, { limit_bandwidth: 3_000 })
  expect(await endOf(token, 'long.bin')).toBe('ECONNRESET')
  await expect.poll(async () => (await pair.read(token))['bandwidth']).toBe(3_000)
})
