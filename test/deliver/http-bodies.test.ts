import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createHttpDeliverer } from '../../src/deliver/http.ts'
import { waitFor } from '../support/processes.ts'
import { deliver, leavingClient, openBody, orderFor, stalledClient, take } from './orders.ts'
import { answerWith, optionsFor, startCrudeStorage } from './storages.ts'

const OK = answerWith('200 OK', { 'content-length': '4' }, 'body')

test('uses a connection again after bodies that were sent, discarded or absent', async () => {
  await using storage = await startCrudeStorage(OK, { connections: 1 })
  await deliver(storage.deliverer, orderFor('sent'))
  ;(await openBody(storage.deliverer, orderFor('discarded'))).discard()
  await deliver(storage.deliverer, orderFor('sent'))
  expect(storage.server.connections()).toBe(1)
})

test('never takes what follows the answer to a HEAD for the next answer', async () => {
  const poison = answerWith(
    '200 OK',
    { 'content-length': '4' },
    'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison',
  )
  await using storage = await startCrudeStorage(
    (socket, head) => (head.startsWith('HEAD') ? poison(socket) : OK(socket)),
    { connections: 1 },
  )
  await storage.deliverer.open(orderFor('x', { method: 'HEAD' }))
  expect((await deliver(storage.deliverer, orderFor('y'))).content.toString()).toBe('body')
})

test('never takes what follows a whole answer for the next answer', async () => {
  await using storage = await startCrudeStorage(
    (socket, _, number) => {
      OK(socket)
      if (number === 1) answerWith('200 OK', { 'content-length': '6' }, 'poison')(socket)
    },
    { connections: 1 },
  )
  await deliver(storage.deliverer, orderFor('x'))
  expect((await deliver(storage.deliverer, orderFor('y'))).content.toString()).toBe('body')
})

const cuts: [string, (socket: Socket) => void][] = [
  ['closes', (socket) => void socket.end()],
  ['resets', (socket) => void socket.resetAndDestroy()],
]
test.each(cuts)('tells of a storage that %s in the middle of a body of known length', async (_, cut) => {
  await using storage = await startCrudeStorage((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
    socket.write('x'.repeat(70_000), () => cut(socket))
  })
  const body = await openBody(storage.deliverer, orderFor('x'))
  const { sent } = await take(body)
  expect(sent).toMatchObject({ complete: false, upstreamFailed: true })
  expect(sent.bytes).toBeLessThanOrEqual(70_000)
  expect(storage.failures).toHaveLength(1)
})

test.each(cuts)('tells of a storage that %s in the middle of a chunked body', async (_, cut) => {
  await using storage = await startCrudeStorage((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\npart', () => cut(socket))
  })
  const { sent } = await take(await openBody(storage.deliverer, orderFor('x')))
  expect(sent).toMatchObject({ complete: false, upstreamFailed: true })
})

test('sends nothing of a body that broke while it waited', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart')
  })
  const body = await openBody(storage.deliverer, orderFor('x'))
  await waitFor(() => storage.failures.length === 1)
  expect((await take(body)).sent).toEqual({ bytes: 0, complete: false, upstreamFailed: true })
})

test('tells of a storage that falls silent in the middle of a body', async () => {
  await using storage = await startCrudeStorage(answerWith('200 OK', { 'content-length': '9' }, 'part'), {
    idleTimeoutMs: 200,
  })
  const { sent } = await take(await openBody(storage.deliverer, orderFor('x')))
  expect(sent).toEqual({ bytes: 4, complete: false, upstreamFailed: true })
  expect(storage.failures).toHaveLength(1)
})

test('does not count the time in which the client holds the body back', async () => {
  const content = 'x'.repeat(4_000_000)
  await using storage = await startCrudeStorage(
    answerWith('200 OK', { 'content-length': String(content.length) }, content),
    { idleTimeoutMs: 300 },
  )
  const body = await openBody(storage.deliverer, orderFor('x'))
  const held = performance.now() + 2500
  await waitFor(() => performance.now() > held)
  expect((await take(body)).sent).toMatchObject({ bytes: content.length, complete: true })
})

test('lets go of the storage when the client leaves before an answer', async () => {
  await using storage = await startCrudeStorage(() => undefined)
  const { onGone, leave } = leavingClient()
  const opening = storage.deliverer.open(orderFor('x', { onGone }))
  await waitFor(() => storage.server.requests().length === 1)
  leave()
  expect(await opening).toMatchObject({ ok: false })
  await waitFor(() => storage.server.open() === 0)
  expect(storage.failures).toEqual([])
})

test('lets go of the storage at once when the client was gone from the beginning', async () => {
  await using storage = await startCrudeStorage(() => undefined)
  expect(await storage.deliverer.open(orderFor('x', { onGone: (listener) => listener() }))).toMatchObject({
    ok: false,
  })
  await waitFor(() => storage.server.open() === 0)
  expect(storage.failures).toEqual([])
})

test('lets go of the storage when the client leaves during the body, and does not blame the storage', async () => {
  await using storage = await startCrudeStorage(answerWith('200 OK', { 'content-length': '9' }, 'part'))
  for (const leaveBy of ['connection', 'response']) {
    const { onGone, leave } = leavingClient()
    const body = await openBody(storage.deliverer, orderFor('x', { onGone }))
    const client = stalledClient()
    const sending = body.send(client)
    if (leaveBy === 'connection') leave()
    else client.destroy()
    expect(await sending).toMatchObject({ complete: false, upstreamFailed: false })
    await waitFor(() => storage.server.open() === 0)
  }
  expect(storage.failures).toEqual([])
})

test('reads no more of a discarded body than is worth a connection', async () => {
  let written = 0
  await using storage = await startCrudeStorage((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n')
    const chunk = Buffer.alloc(64 * 1024)
    const write = (): void => {
      while (socket.writable && socket.write(chunk)) written += chunk.length
    }
    socket.on('drain', write)
    write()
  })
  ;(await openBody(storage.deliverer, orderFor('x'))).discard()
  await waitFor(() => storage.server.open() === 0)
  expect(written).toBeLessThan(20_000_000)
  expect(storage.failures).toEqual([])
})

test('reads ahead no more than a little while nobody takes the body', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 1_000_000_000 })
    const chunk = Buffer.alloc(1024 * 1024)
    const write = (): void => {
      while (response.write(chunk)) continue
    }
    response.on('drain', write)
    write()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const deliverer = createHttpDeliverer({ ...optionsFor(`http://127.0.0.1:${port}/`), connections: 50 })
  const before = process.memoryUsage().rss
  const bodies = await Promise.all(Array.from({ length: 50 }, () => openBody(deliverer, orderFor('x'))))
  const clients = bodies.map((body) => {
    const client = stalledClient()
    return { client, sending: body.send(client) }
  })
  await waitFor(() => clients.every(({ client }) => client.writableLength > 0))
  const growth = process.memoryUsage().rss - before
  for (const { client } of clients) client.destroy()
  for (const { sending } of clients) expect((await sending).bytes).toBeLessThan(1024 * 1024)
  expect(growth).toBeLessThan(400 * 1024 * 1024)
  server.closeAllConnections()
  server.close()
  await deliverer.close()
})
