import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { openRaw } from '../support/requests.ts'

const REPOSITORY = 'acme/files'
const MOST = 128

let waiting: Socket[]
let storage: CrudeServer
let gate: Gate

beforeAll(async () => {
  waiting = []
  // Answers when it is told to.
  storage = await startCrudeServer((socket) => waiting.push(socket))
  const repository = { format: 'raw', upstream: `${storage.url}/`, cache: false } as const
  gate = await startGate({ config: { repositories: { [REPOSITORY]: repository } } })
})
afterAll(async () => {
  await gate?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

test('one connection of HTTP/1 has no more requests under way than one of HTTP/2 may have', async () => {
  const { token } = await gate.createToken(REPOSITORY)
  const ask = (name: string): string => `GET /${token}/${REPOSITORY}/${name} HTTP/1.1\r\nHost: x\r\n\r\n`
  using raw = await openRaw(gate.port)
  raw.socket.write(Array.from({ length: 3 * MOST }, (_, at) => ask(`${at}.bin`)).join(''))
  await waitFor(() => waiting.length >= MOST)
  // Another one is not held up by it, and comes when all of those have been looked at.
  using other = await openRaw(gate.port)
  other.socket.write(ask('other.bin'))
  await waitFor(() => storage.requests().some((head) => head.includes('other.bin')))
  expect(waiting).toHaveLength(MOST + 1)
  for (const socket of waiting) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
  await raw.closed
  expect(raw.received().match(/HTTP\/1\.1 \d+/g)).toEqual(Array.from({ length: MOST }, () => 'HTTP/1.1 200'))
  expect(raw.received().toLowerCase().split('connection: close')).toHaveLength(2)
  expect(storage.requests()).toHaveLength(MOST + 1)
})
