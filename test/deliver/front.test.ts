import { once } from 'node:events'
import { truncate, writeFile } from 'node:fs/promises'
import { get, Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFilesDeliverer } from '../../src/deliver/files.ts'
import { temporaryDirectory, waitFor } from '../support/processes.ts'
import { startFront } from './front.ts'
import { answerWith, startCrudeStorage } from './storages.ts'

const SIZE = 8 * 1024 * 1024
const content = Buffer.alloc(SIZE, 'x')

const answerBig = (socket: Socket): void => {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${SIZE}\r\n\r\n`)
  socket.write(content)
}

/** A client that speaks by hand. */
async function rawClient(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const GET_BIG = 'GET /big HTTP/1.1\r\nhost: x\r\n\r\n'

test('counts the bytes that were handed over and lets go of the storage when a client leaves in between', async () => {
  await using storage = await startCrudeStorage(answerBig)
  await using front = await startFront(storage.deliverer)
  const client = await rawClient(front.port)
  client.write(GET_BIG)
  let received = 0
  client.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > 200_000) client.destroy()
  })
  const [sent] = await waitFor(() => (front.sent.length > 0 ? front.sent : undefined))
  expect(sent).toMatchObject({ complete: false, upstreamFailed: false })
  expect(sent?.bytes).toBeGreaterThan(200_000 - 1000)
  expect(sent?.bytes).toBeLessThan(SIZE)
  await waitFor(() => storage.server.open() === 0)
  expect(storage.failures).toEqual([])
})

test('cuts the client off when the storage breaks off, even where no length tells', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n', () => socket.destroy())
  })
  await using front = await startFront(storage.deliverer)
  const client = await rawClient(front.port)
  client.write(GET_BIG)
  let received = ''
  client.on('data', (chunk: Buffer) => (received += chunk.toString()))
  await once(client, 'close')
  expect(received).not.toContain('0\r\n\r\n')
  await waitFor(() => front.sent.length === 1)
  expect(front.sent[0]).toMatchObject({ complete: false, upstreamFailed: true })
})

test('cuts the client off when a file is cut short while it is sent', async () => {
  await using directory = await temporaryDirectory('short')
  const file = join(directory.path, 'big')
  await writeFile(file, content)
  const failures: string[] = []
  const deliverer = createFilesDeliverer({
    directory: directory.path,
    onFailure: ({ message }) => failures.push(message),
  })
  await using front = await startFront(deliverer)
  const client = await rawClient(front.port)
  client.write(GET_BIG)
  await once(client, 'readable')
  await truncate(file, 1000)
  client.resume()
  await once(client, 'close')
  expect(front.sent[0]).toMatchObject({ complete: false, upstreamFailed: true })
  expect(failures).toEqual(['the file was cut short while it was sent'])
})

test('lets go of every delivery when a client that pipelines leaves', async () => {
  await using storage = await startCrudeStorage((socket, head) =>
    head.includes('/small')
      ? answerWith('200 OK', { 'content-length': '4' }, 'body')(socket)
      : answerBig(socket),
  )
  await using front = await startFront(storage.deliverer)
  const client = await rawClient(front.port)
  client.pause()
  client.write(GET_BIG + GET_BIG + GET_BIG.replace('big', 'small') + GET_BIG)
  await waitFor(() => storage.server.requests().length === 4)
  client.destroy()
  await waitFor(() => front.sent.length === 4)
  for (const sent of front.sent) expect(sent).toMatchObject({ complete: false, upstreamFailed: false })
  await waitFor(() => storage.server.open() <= 1)
})

test('answers pipelined requests in their order, each whole, whichever the storage answers first', async () => {
  const late: (() => void)[] = []
  await using storage = await startCrudeStorage((socket, head, number) => {
    const path = head.split(' ')[1] ?? ''
    late.unshift(() => answerWith('200 OK', { 'content-length': String(path.length) }, path)(socket))
    if (number === 3) for (const answer of late) answer()
  })
  await using front = await startFront(storage.deliverer)
  const client = await rawClient(front.port)
  client.write(['a', 'b', 'c'].map((path) => `GET /${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''))
  let received = ''
  client.on('data', (chunk: Buffer) => (received += chunk.toString()))
  await waitFor(() => received.includes('/base/c'))
  expect(received.match(/\/base\/./g)).toEqual(['/base/a', '/base/b', '/base/c'])
  client.destroy()
})

test('leaves no listeners behind on a connection that is used again and again', async () => {
  const warnings: Error[] = []
  const keep = (warning: Error): void => void warnings.push(warning)
  process.on('warning', keep)
  await using storage = await startCrudeStorage(answerWith('200 OK', { 'content-length': '4' }, 'body'))
  await using front = await startFront(storage.deliverer)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let i = 0; i < 40; i++) {
    const [response] = (await once(get(`${front.url}/x`, { agent }), 'response')) as [NodeJS.ReadableStream]
    await once(response.resume(), 'end')
  }
  agent.destroy()
  process.off('warning', keep)
  expect(warnings).toEqual([])
  expect(storage.server.connections()).toBe(1)
})
