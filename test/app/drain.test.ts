import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createDrain, type Drain } from '../../src/app/drain.ts'
import { waitFor } from '../support/processes.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const LONG = 10_000
const LINGER = 400

interface Started {
  readonly server: Server
  readonly drain: Drain
  readonly port: number
}

async function start(
  answer: RequestListener,
  prepare: (server: Server) => void = () => undefined,
): Promise<Started> {
  const server = createServer(answer)
  prepare(server)
  const drain = createDrain(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, drain, port: (server.address() as AddressInfo).port }
}

/** A connection that the server has accepted. */
async function open({
  server,
  port,
}: Started): Promise<{ socket: Socket; text: () => string; ended: Promise<unknown> }> {
  const accepted = once(server, 'connection')
  const socket = connect(port, '127.0.0.1')
  await accepted
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk
  })
  return { socket, text: () => received, ended: once(socket, 'close') }
}

test('a connection that has not sent its request yet is answered, and then closed', async () => {
  const started = await start((_request, response) => void response.end('hello'))
  const { socket, text, ended } = await open(started)
  const drained = started.drain(LONG, LINGER)
  socket.write(REQUEST)
  await drained
  await ended
  expect(text()).toMatch(/^HTTP\/1\.1 200 OK[^]*Connection: close[^]*hello$/)
})

test('so is the next request on a connection that was used before', async () => {
  const started = await start((_request, response) => void response.end('hello'))
  const { socket, text, ended } = await open(started)
  socket.write(REQUEST)
  await waitFor(() => text().endsWith('hello'))
  const drained = started.drain(LONG, LINGER)
  socket.write(REQUEST)
  await drained
  await ended
  expect(text().split('HTTP/1.1 200 OK')).toHaveLength(3)
})

test('an answer that is written whole and still on its way to a slow client arrives whole', async () => {
  const body = 'x'.repeat(20_000_000)
  const started = await start((_request, response) => void response.end(body))
  const { socket, text, ended } = await open(started)
  const written = once(started.server, 'request')
  socket.write(REQUEST)
  await written
  socket.pause()
  const drained = started.drain(LONG, 0)
  socket.resume()
  await drained
  await ended
  expect(text().length).toBeGreaterThan(body.length)
})

test('an answer that began before, with the promise to keep the connection, ends it all the same', async () => {
  const finish = Promise.withResolvers<void>()
  const started = await start((_request, response) => {
    response.writeHead(200, { 'Content-Length': 2 }).write('a')
    void finish.promise.then(() => response.end('b'))
  })
  const { socket, text, ended } = await open(started)
  socket.write(REQUEST)
  await waitFor(() => text().endsWith('a'))
  const drained = started.drain(LONG, 0)
  finish.resolve()
  await drained
  await ended
  expect(text()).toMatch(/keep-alive[^]*ab$/)
})

test('an idle connection is closed after the time to linger, not before', async () => {
  const started = await start(() => undefined)
  const { ended } = await open(started)
  const startedAt = performance.now()
  await started.drain(LONG, LINGER)
  await ended
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(LINGER - 5)
  expect(performance.now() - startedAt).toBeLessThan(LONG)
})

test('what is still under way when patience is over is cut', async () => {
  const started = await start((_request, response) => void response.write('never ending'))
  const { socket, text, ended } = await open(started)
  socket.write(REQUEST)
  await waitFor(() => text().includes('never'))
  await started.drain(300, LINGER)
  await ended
  expect(text()).not.toContain('0\r\n\r\n')
})

test('a request that expects to be told to go on is under way like any other', async () => {
  const finish = Promise.withResolvers<void>()
  const answer: RequestListener = (_request, response) => {
    response.write('begun ')
    void finish.promise.then(() => response.end('done'))
  }
  const started = await start(answer, (server) => void server.on('checkContinue', answer))
  const { socket, text, ended } = await open(started)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n')
  await waitFor(() => text().includes('begun'))
  const drained = started.drain(LONG, 0)
  await waitFor(() => !started.server.listening)
  finish.resolve()
  await drained
  await ended
  expect(text()).toContain('done')
})

test('no further connection is taken', async () => {
  const started = await start(() => undefined)
  await open(started)
  const drained = started.drain(LONG, LINGER)
  await expect(once(connect(started.port, '127.0.0.1'), 'connect')).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  })
  await drained
})

test('a server that does not listen is drained at once', async () => {
  await expect(createDrain(createServer())(LONG, LONG)).resolves.toBeUndefined()
})
