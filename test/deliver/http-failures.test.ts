import { expect, test } from 'vitest'
import { createHttpDeliverer } from '../../src/deliver/http.ts'
import { freePort, waitFor } from '../support/processes.ts'
import { deliver, leavingClient, openBody, orderFor, refusalOf } from './orders.ts'
import { answerWith, optionsFor, startCrudeStorage } from './storages.ts'

const OK = answerWith('200 OK', { 'content-length': '4' }, 'body')

const broken: [string, string][] = [
  ['no HTTP', 'SSH-2.0-OpenSSH_9\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nbody'],
  [
    'a length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['an odd transfer coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['a line break in a header', 'HTTP/1.1 200 OK\r\nx: a\rset-cookie: b\r\ncontent-length: 0\r\n\r\n'],
  ['a NUL in a header', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n'],
  ['endless headers', `HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(100)}\r\n`],
]
test.each(broken)('fails when the storage sends %s', async (_, bytes) => {
  await using storage = await startCrudeStorage((socket) => void socket.end(bytes))
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
})

test('fails fast when nothing listens', async () => {
  const failures: string[] = []
  const deliverer = createHttpDeliverer(optionsFor(`http://127.0.0.1:${await freePort()}/`, failures))
  expect(await refusalOf(deliverer, orderFor('x'))).toBe('upstream_failed')
  expect(failures).toHaveLength(1)
  await deliverer.close()
})

test('gives up on a storage that does not begin to answer', async () => {
  await using storage = await startCrudeStorage(() => undefined, {
    connectTimeoutMs: 100,
    headersTimeoutMs: 200,
  })
  const started = performance.now()
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_timeout')
  expect(performance.now() - started).toBeLessThan(3000)
  await waitFor(() => storage.server.open() === 0)
})

test('gives up on headers that drip, however long they go on', async () => {
  await using storage = await startCrudeStorage(
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x: y\r\n'), 20)
      socket.once('close', () => clearInterval(timer))
    },
    { connectTimeoutMs: 100, headersTimeoutMs: 300 },
  )
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_timeout')
  await waitFor(() => storage.server.open() === 0)
})

test('gives up when no connection becomes free in time, and asks the storage nothing then', async () => {
  await using storage = await startCrudeStorage(answerWith('200 OK', { 'content-length': '9' }, 'begin'), {
    connections: 1,
    connectTimeoutMs: 100,
    headersTimeoutMs: 200,
  })
  const body = await openBody(storage.deliverer, orderFor('slow'))
  expect(await refusalOf(storage.deliverer, orderFor('waiting'))).toBe('upstream_timeout')
  body.discard()
  expect(storage.server.requests()).toHaveLength(1)
})

test('does not ask for a client that left while it waited for a connection', async () => {
  await using storage = await startCrudeStorage(
    (socket, _, number) =>
      number === 1 ? socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n12345') : OK(socket),
    { connections: 1 },
  )
  const [first, second] = [leavingClient(), leavingClient()]
  const body = await openBody(storage.deliverer, orderFor('first', { onGone: first.onGone }))
  const waiting = storage.deliverer.open(orderFor('second', { onGone: second.onGone }))
  second.leave()
  expect(await waiting).toMatchObject({ ok: false })
  first.leave()
  body.discard()
  await deliver(storage.deliverer, orderFor('third'))
  expect(storage.server.requests().map((head) => head.split(' ')[1])).toEqual(['/base/first', '/base/third'])
  expect(storage.failures).toEqual([])
})

test('asks once more when a kept connection was closed under it', async () => {
  await using storage = await startCrudeStorage((socket, _, number) =>
    number === 2 ? socket.resetAndDestroy() : OK(socket),
  )
  await deliver(storage.deliverer, orderFor('first'))
  expect((await deliver(storage.deliverer, orderFor('second'))).content.toString()).toBe('body')
  expect(storage.server.requests()).toHaveLength(3)
  expect(storage.failures).toEqual([])
})

test('asks no third time', async () => {
  await using storage = await startCrudeStorage((socket) => void socket.destroy())
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
  expect(storage.server.requests()).toHaveLength(2)
})

test('takes no orders after it was closed', async () => {
  await using storage = await startCrudeStorage(OK)
  await storage.deliverer.close()
  expect(await refusalOf(storage.deliverer, orderFor('x'))).toBe('upstream_failed')
})
