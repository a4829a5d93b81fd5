import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createWireClient } from '../../../src/deliver/wire/client.ts'
import { freePort, waitFor } from '../../support/processes.ts'
import { msUntil } from '../../support/stopwatch.ts'
import { answerWith } from '../storages.ts'
import { ask, askHoldingBack, faultOf, GET_X, HEAD_X, listen, PATIENT, startRig } from './asking.ts'

const OK = answerWith('200 OK', { 'content-length': '4' }, 'body')

test('uses the connection that was used last', async () => {
  const peers: unknown[] = []
  await using rig = await startRig((socket) => {
    peers.push(socket.remotePort)
    OK(socket)
  })
  await Promise.all([ask(rig.client), ask(rig.client), ask(rig.client)])
  await ask(rig.client)
  await ask(rig.client)
  expect(rig.server.connections()).toBe(3)
  expect(peers[4]).toBe(peers[3])
})

test('makes no more connections than are allowed, and asks in the order of asking', async () => {
  const asked: Socket[] = []
  await using rig = await startRig((socket) => void asked.push(socket), { connections: 2 })
  const all = ['/a', '/b', '/c', '/d', '/e'].map((path) => listen(rig.client, { ...GET_X, path }))
  for (let answered = 0; answered < 5; answered++) {
    await waitFor(() => asked.length > answered)
    OK(asked[answered] as Socket)
  }
  for (const { ended } of all) expect((await ended).content.toString()).toBe('body')
  expect(rig.server.connections()).toBe(2)
  const paths = rig.server.requests().map((head) => head.split(' ')[1])
  expect(paths.slice(0, 2).toSorted()).toEqual(['/a', '/b'])
  expect(paths.slice(2)).toEqual(['/c', '/d', '/e'])
})

test('closes connections that nobody uses, as early as the storage asks for', async () => {
  await using rig = await startRig(
    answerWith('200 OK', { 'content-length': '4', 'keep-alive': 'max=9, timeout=1' }, 'body'),
    { idleTimeoutMs: 200 },
  )
  await ask(rig.client)
  expect(await msUntil(() => rig.server.open() === 0)).toBeLessThan(900)
})

test('keeps a connection for some seconds when the storage does not say how long', async () => {
  await using rig = await startRig(OK, { idleTimeoutMs: 200 })
  await ask(rig.client)
  const since = performance.now()
  await waitFor(() => rig.server.open() === 0)
  expect(performance.now() - since).toBeGreaterThan(3000)
  await ask(rig.client)
  expect(rig.server.connections()).toBe(2)
})

test('drops an unused connection on which a byte comes that nobody asked for', async () => {
  let kept: Socket | undefined
  await using rig = await startRig((socket) => {
    kept = socket
    OK(socket)
  })
  await ask(rig.client)
  kept?.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison')
  await waitFor(() => rig.server.open() === 0)
  expect((await ask(rig.client)).content.toString()).toBe('body')
})

test('drops an unused connection that the storage closes', async () => {
  let kept: Socket | undefined
  await using rig = await startRig((socket) => {
    kept = socket
    OK(socket)
  })
  await ask(rig.client)
  kept?.end()
  await waitFor(() => rig.server.open() === 0)
  await ask(rig.client)
  expect(rig.server.requests()).toHaveLength(2)
})

test.each([
  ['says close', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody'],
  ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\nbody'],
  ['sends more than its body', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbodyX'],
])('does not use a connection again when the storage %s', async (_, bytes) => {
  await using rig = await startRig((socket) => void socket.write(bytes))
  for (let times = 0; times < 2; times++) {
    expect(await ask(rig.client)).toMatchObject({ end: 'whole', content: Buffer.from('body') })
  }
  expect(rig.server.connections()).toBe(2)
})

test('uses a connection of HTTP/1.0 again that the storage keeps', async () => {
  const bytes = 'HTTP/1.0 200 OK\r\ncontent-length: 4\r\nconnection: keep-alive\r\n\r\nbody'
  await using rig = await startRig((socket) => void socket.write(bytes))
  await ask(rig.client)
  await ask(rig.client)
  expect(rig.server.connections()).toBe(1)
})

test('takes the end of the connection for the end of a body of unknown length', async () => {
  await using rig = await startRig((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
  expect(await ask(rig.client)).toMatchObject({ end: 'whole', content: Buffer.from('all of it') })
})

test('does not take a reset for the end of a body of unknown length', async () => {
  await using rig = await startRig((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nhalf')
    setImmediate(() => socket.resetAndDestroy())
  })
  expect(faultOf(await ask(rig.client))).toBe('cut')
})

test('asks once more, before all others, when a connection is closed before it answers', async () => {
  await using rig = await startRig((socket, _, number) => (number === 2 ? socket.destroy() : OK(socket)), {
    connections: 1,
  })
  await ask(rig.client)
  const paths = ['/a', '/b', '/c']
  await Promise.all(paths.map((path) => ask(rig.client, { ...GET_X, path })))
  const asked = rig.server.requests().map((head) => head.split(' ')[1])
  expect(asked).toEqual(['/x', '/a', '/a', '/b', '/c'])
})

test('does not ask again when something of an answer has come', async () => {
  await using rig = await startRig((socket) => void socket.end('HTTP/1.1 2'))
  expect(faultOf(await ask(rig.client))).toBe('cut')
  expect(rig.server.requests()).toHaveLength(1)
})

test('does not ask again when the answer is late', async () => {
  await using rig = await startRig(() => undefined, { headersTimeoutMs: 100 })
  expect(faultOf(await ask(rig.client))).toBe('late')
  expect(rig.server.requests()).toHaveLength(1)
})

test('fails each that waits when nothing listens, and connects once something does', async () => {
  const port = await freePort()
  const client = createWireClient({ ...PATIENT, url: new URL(`http://127.0.0.1:${port}`), connections: 2 })
  const faults = await Promise.all(Array.from({ length: 7 }, async () => faultOf(await ask(client))))
  expect(new Set(faults)).toEqual(new Set(['unreachable']))
  const server = createServer((socket) => void socket.once('data', () => OK(socket))).listen(
    port,
    '127.0.0.1',
  )
  await once(server, 'listening')
  expect(await ask(client)).toMatchObject({ end: 'whole' })
  server.close()
  await client.close()
})

test('says why there was no connection, also when a name has several addresses', async () => {
  const client = createWireClient({ ...PATIENT, url: new URL(`http://localhost:${await freePort()}`) })
  expect((await ask(client)).error?.message).toContain('ECONNREFUSED')
  await client.close()
})

test.each([
  ['localhost', 'localhost'],
  ['[::1]', '::1'],
])('reaches a storage at %s', async (host, address) => {
  const server = createServer((socket) => void socket.once('data', () => OK(socket))).listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = createWireClient({ ...PATIENT, url: new URL(`http://${host}:${port}`) })
  expect(await ask(client)).toMatchObject({ end: 'whole' })
  await client.close()
  server.close()
})

test('hears nothing more of what was aborted, at any stage', async () => {
  await using rig = await startRig(
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart'),
    {
      connections: 1,
    },
  )
  const first = listen(rig.client)
  const waiting = listen(rig.client)
  waiting.flow.abort()
  await waitFor(() => first.heard().content.length === 4)
  first.flow.abort()
  await waitFor(() => rig.server.open() === 0)
  for (const { heard } of [first, waiting]) expect(heard().end).toBeUndefined()
  expect(rig.server.requests()).toHaveLength(1)
})

test('does nothing to the next exchange when an earlier one is paused, resumed or aborted after its end', async () => {
  const sockets: Socket[] = []
  await using rig = await startRig((socket) => void sockets.push(socket), { connections: 1 })
  const first = listen(rig.client)
  await waitFor(() => sockets.length === 1)
  OK(sockets[0] as Socket)
  await first.ended
  const second = listen(rig.client)
  await waitFor(() => sockets.length === 2)
  first.flow.pause()
  OK(sockets[1] as Socket)
  expect(await second.ended).toMatchObject({ end: 'whole' })
  const third = listen(rig.client)
  await waitFor(() => sockets.length === 3)
  first.flow.abort()
  second.flow.abort()
  OK(sockets[2] as Socket)
  expect(await third.ended).toMatchObject({ end: 'whole' })
  expect(rig.server.connections()).toBe(1)
})

test('gives no byte while it is paused, and none twice afterwards', async () => {
  const body = Array.from({ length: 4000 }, (_, n) => `${n.toString(16)};x\r\n`.padStart(8, '.')).join('')
  const chunks = body.match(/[^]{1,100}/g) ?? []
  const framed = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
  await using rig = await startRig(
    (socket) => void socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${framed}0\r\n\r\n`),
  )
  expect((await askHoldingBack(rig.client)).toString('latin1')).toBe(body)
})

test('lends the connection to nobody else before its last bytes are given back', async () => {
  await using rig = await startRig(OK, { connections: 1 })
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let lent: Buffer | undefined
  const flow = rig.client.ask(GET_X, {
    onHead: () => undefined,
    onData: (chunk) => {
      lent = chunk
      flow.pause()
    },
    onEnd: end,
    onError: () => end(),
  })
  await ended
  const next = listen(rig.client, { ...GET_X, path: '/next' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(rig.server.requests()).toHaveLength(1)
  expect(lent?.toString()).toBe('body')
  flow.resume()
  expect(await next.ended).toMatchObject({ end: 'whole' })
  expect(rig.server.connections()).toBe(1)
})

test('drains before it is closed: what is under way and what waits ends first', async () => {
  const sockets: Socket[] = []
  await using rig = await startRig((socket) => void sockets.push(socket), { connections: 1 })
  const [first, second] = [listen(rig.client), listen(rig.client)]
  await waitFor(() => sockets.length === 1)
  let isClosed = false
  const closing = rig.client.close().then(() => (isClosed = true))
  expect(faultOf(await ask(rig.client))).toBe('closed')
  OK(sockets[0] as Socket)
  await waitFor(() => sockets.length === 2)
  expect(isClosed).toBe(false)
  OK(sockets[1] as Socket)
  for (const { ended } of [first, second]) expect(await ended).toMatchObject({ end: 'whole' })
  await closing
  await waitFor(() => rig.server.open() === 0)
})

test('is not closed before what is asked once more has ended', async () => {
  const sockets: Socket[] = []
  await using rig = await startRig((socket) => void sockets.push(socket), { connections: 1 })
  const asked = listen(rig.client)
  await waitFor(() => sockets.length === 1)
  let isClosed = false
  const closing = rig.client.close().then(() => (isClosed = true))
  sockets[0]?.destroy()
  await waitFor(() => sockets.length === 2)
  expect(isClosed).toBe(false)
  OK(sockets[1] as Socket)
  expect(await asked.ended).toMatchObject({ end: 'whole' })
  await closing
  await waitFor(() => rig.server.open() === 0)
})

test('closes at once when nothing is under way', async () => {
  await using rig = await startRig(OK)
  await ask(rig.client)
  await Promise.all([rig.client.close(), rig.client.close()])
  await waitFor(() => rig.server.open() === 0)
  expect(faultOf(await ask(rig.client))).toBe('closed')
})

test('has no body where HTTP has none', async () => {
  const lines = ['204 No Content', '304 Not Modified']
  await using rig = await startRig(
    (socket, _, number) =>
      void socket.write(`HTTP/1.1 ${lines[number - 1] ?? '200 OK'}\r\ncontent-length: 9\r\n\r\n`),
    { connections: 1 },
  )
  // A length in a 204 is nonsense, but no body follows it.
  for (const request of [GET_X, GET_X, HEAD_X, HEAD_X]) {
    expect(await ask(rig.client, request)).toMatchObject({ end: 'whole', content: Buffer.alloc(0) })
  }
  expect(rig.server.connections()).toBe(1)
})
