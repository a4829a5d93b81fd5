import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Body } from '../../src/deliver/contract.ts'
import { waitFor } from '../support/processes.ts'
import { startFront } from './front.ts'
import { openBody, orderFor, take } from './orders.ts'
import { answerWith, startCrudeStorage } from './storages.ts'

const BLOCK = randomBytes(1024 * 1024)
const BLOCKS = 16

/** A body that is another one at every path, far larger than what the kernel takes of it for a client that does not read. */
function bodyAt(path: string): Buffer {
  const shift = Number(path.slice(path.lastIndexOf('/') + 1))
  return Buffer.concat(
    Array.from({ length: BLOCKS }, (_, n) =>
      Buffer.concat([BLOCK.subarray(n + shift), BLOCK.subarray(0, n + shift)]),
    ),
  )
}

const hashOf = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/** Reads a little, then not for a while, and so on; gives the hash of all. */
async function hashSlowly(source: Readable): Promise<{ bytes: number; hash: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  let turn = 0
  source.on('data', (chunk: Buffer) => {
    hash.update(chunk)
    bytes += chunk.length
    if (++turn % 8 !== 0) return
    source.pause()
    setTimeout(() => source.resume(), turn % 3)
  })
  source.on('error', () => undefined)
  await new Promise((resolve) => source.once('close', resolve))
  return { bytes, hash: hash.digest('hex') }
}

/** As HTTP/1.1, with chunks where the length is not known. */
async function getSlowly(port: number, path: string): Promise<{ bytes: number; hash: string }> {
  const [response] = (await once(get({ port, host: '127.0.0.1', path, agent: false }), 'response')) as [
    Readable,
  ]
  return hashSlowly(response)
}

/** As HTTP/1.0, which has no chunks: there a body is passed on as it is, whatever the storage says about its length. */
async function getSlowlyAsBefore(port: number, path: string): Promise<{ bytes: number; hash: string }> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.0\r\n\r\n`)
  await once(socket, 'readable')
  const start = socket.read() as Buffer
  socket.unshift(start.subarray(start.indexOf('\r\n\r\n') + 4))
  return hashSlowly(socket)
}

const framings: [string, (socket: Socket, body: Buffer) => void][] = [
  [
    'known length',
    (socket, body) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`)
      socket.write(body)
    },
  ],
  [
    'chunks',
    (socket, body) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      for (let at = 0, size = 1; at < body.length; at += size, size = (size * 7) % 100_003) {
        const data = body.subarray(at, at + size)
        socket.write(`${data.length.toString(16)}\r\n`)
        socket.write(data)
        socket.write('\r\n')
      }
      socket.write('0\r\n\r\n')
    },
  ],
  [
    'unknown length',
    (socket, body) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.end(body)
    },
  ],
]
test.each(framings)(
  'gives slow readers every byte of their own body, from a storage that sends %s',
  async (_, answer) => {
    await using storage = await startCrudeStorage((socket, head) =>
      answer(socket, bodyAt(head.split(' ')[1] ?? '')),
    )
    await using front = await startFront(storage.deliverer)
    const read = await Promise.all(
      Array.from({ length: 6 }, (__, n) =>
        (n % 2 === 0 ? getSlowly : getSlowlyAsBefore)(front.port, `/${n}`),
      ),
    )
    for (const [n, { hash, bytes }] of read.entries()) {
      expect(bytes).toBe(BLOCKS * BLOCK.length)
      expect(hash).toBe(hashOf(bodyAt(`/${n}`)))
    }
    await waitFor(() => front.sent.length === 6)
    const whole = { bytes: BLOCKS * BLOCK.length, complete: true, upstreamFailed: false }
    expect(front.sent).toEqual(Array.from({ length: 6 }, () => whole))
    expect(storage.failures).toEqual([])
  },
  60_000,
)

test.each([0, 1, 2, 3, 4])(
  'gives every byte of a body that waits for the kernel from its beginning, try %i',
  async (tries) => {
    const HALF = 240_000 + tries * 3000
    const contentAt = (n: number): Buffer => BLOCK.subarray(n, n + 2 * HALF)
    await using storage = await startCrudeStorage(
      (socket, head) => {
        const content = contentAt(Number(head.split(' ')[1]?.slice('/base/'.length)))
        const first = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`)
        socket.write(Buffer.concat([first, content.subarray(0, HALF)]))
        setTimeout(() => socket.write(content.subarray(HALF)), 20)
      },
      { connections: 1 },
    )
    await using front = await startFront(storage.deliverer)
    const socket = connect(front.port, '127.0.0.1')
    // Nothing is read until one body does not fit into what is on its way any more.
    let asked = 0
    let isFull = false
    while (!isFull) {
      socket.write(`GET /${asked++} HTTP/1.1\r\nhost: x\r\n\r\n`)
      const options = { timeoutMs: 500, what: 'the kernel to take a body' }
      isFull = await waitFor(() => front.sent.length === asked, options).then(
        () => false,
        () => true,
      )
    }
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    await waitFor(() => front.sent.length === asked)
    socket.end()
    await once(socket, 'close')
    let rest = Buffer.concat(received)
    for (let n = 0; n < asked; n++) {
      const start = rest.indexOf('\r\n\r\n') + 4
      expect(rest.subarray(start, start + 2 * HALF).equals(contentAt(n))).toBe(true)
      rest = rest.subarray(start + 2 * HALF)
    }
    expect(rest).toHaveLength(0)
  },
)

test('lets go of the storage of a client that stops reading and leaves', async () => {
  await using storage = await startCrudeStorage((socket) => framings[0]?.[1](socket, bodyAt('/0')))
  await using front = await startFront(storage.deliverer)
  const socket = connect(front.port, '127.0.0.1')
  socket.write('GET /0 HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(socket, 'readable')
  socket.pause()
  await waitFor(() => storage.server.open() === 1)
  socket.destroy()
  const [sent] = await waitFor(() => (front.sent.length > 0 ? front.sent : undefined))
  expect(sent).toMatchObject({ complete: false, upstreamFailed: false })
  expect(sent?.bytes).toBeLessThan(BLOCKS * BLOCK.length)
  await waitFor(() => storage.server.open() === 0)
})

test('cuts the connection of a slow reader off when the storage breaks off', async () => {
  await using storage = await startCrudeStorage((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${BLOCKS * BLOCK.length}\r\n\r\n`)
    socket.write(bodyAt('/0').subarray(0, 9 * BLOCK.length), () => socket.destroy())
  })
  await using front = await startFront(storage.deliverer)
  const { bytes } = await getSlowly(front.port, '/0')
  expect(bytes).toBeLessThanOrEqual(9 * BLOCK.length)
  await waitFor(() => front.sent.length === 1)
  expect(front.sent[0]).toMatchObject({ complete: false, upstreamFailed: true })
})

test('survives a client that sends no more but still reads', async () => {
  await using storage = await startCrudeStorage((socket) => framings[0]?.[1](socket, bodyAt('/0')))
  await using front = await startFront(storage.deliverer)
  const socket = connect({ port: front.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.write('GET /0 HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(socket, 'readable')
  socket.end()
  socket.resume()
  await once(socket, 'close')
  await waitFor(() => front.sent.length === 1)
  await waitFor(() => storage.server.open() === 0)
  expect(storage.failures).toEqual([])
})

test('shows a small body whole once all of it is here, and sends it all the same', async () => {
  for (const [bytes, whole] of [
    ['content-length: 4\r\n\r\nbody', 'body'],
    ['content-length: 0\r\n\r\n', ''],
    ['transfer-encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n', 'body'],
  ]) {
    await using storage = await startCrudeStorage(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${bytes}`),
    )
    const body = await openBody(storage.deliverer, orderFor('x'))
    expect(body.whole?.()?.toString()).toBe(whole)
    expect(body.whole?.()?.toString()).toBe(whole)
    const { content, sent } = await take(body)
    expect(content.toString()).toBe(whole)
    expect(sent).toEqual({ bytes: whole?.length, complete: true, upstreamFailed: false })
  }
})

test.each([4, 65_535, 65_536])(
  'holds nothing back of a body of %i bytes that was shown whole, discarded or not',
  async (length) => {
    const content = 'x'.repeat(length)
    await using storage = await startCrudeStorage(
      answerWith('200 OK', { 'content-length': String(length) }, content),
      { connections: 1 },
    )
    for (let times = 0; times < 3; times++) {
      const body = await openBody(storage.deliverer, orderFor('x'))
      expect((await waitFor(() => body.whole?.())).toString()).toBe(content)
      if (times === 1) body.discard()
    }
    expect(storage.server.connections()).toBe(1)
  },
)

test('sends a body that was held where it was read, whether it came in one piece or in several', async () => {
  const content = BLOCK.subarray(0, 200_000)
  await using storage = await startCrudeStorage(
    (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`)
      socket.write(content)
    },
    { connections: 1 },
  )
  await using front = await startFront(storage.deliverer)
  // The first one widens what is read at once.
  for (let times = 0; times < 4; times++) {
    expect(await getSlowly(front.port, '/x')).toEqual({ bytes: content.length, hash: hashOf(content) })
    const body = await openBody(storage.deliverer, orderFor('x'))
    const waited = performance.now() + 50
    await waitFor(() => performance.now() > waited)
    expect(body.whole?.()).toBeUndefined()
    const { content: taken, sent } = await take(body)
    expect(taken.equals(content)).toBe(true)
    expect(sent).toEqual({ bytes: content.length, complete: true, upstreamFailed: false })
  }
  ;(await openBody(storage.deliverer, orderFor('discarded'))).discard()
  expect(await getSlowly(front.port, '/x')).toEqual({ bytes: content.length, hash: hashOf(content) })
})

test('keeps the bytes of bodies that wait, whatever comes over their connection meanwhile', async () => {
  await using storage = await startCrudeStorage(
    (socket, head) => answerWith('200 OK', { 'content-length': '9' }, `body of ${head.at(-1)}`)(socket),
    { connections: 1 },
  )
  const orders = ['a', 'b', 'c'].map((accept) => orderFor('x', { headers: { accept } }))
  const bodies: Body[] = []
  for (const order of orders) bodies.push(await openBody(storage.deliverer, order))
  expect(storage.server.connections()).toBe(1)
  const contents = await Promise.all(bodies.map(async (body) => (await take(body)).content.toString()))
  expect(contents).toEqual(['body of a', 'body of b', 'body of c'])
})

test('shows no body whole that is not here, or not all of it', async () => {
  const late: Socket[] = []
  await using storage = await startCrudeStorage((socket, head) => {
    const length = head.includes('/long') ? 1_000_000 : 9
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\npart`)
    if (head.includes('/cut')) socket.end()
    late.push(socket)
  })
  const part = await openBody(storage.deliverer, orderFor('x'))
  expect(part.whole?.()).toBeUndefined()
  late[0]?.write('whole')
  expect((await waitFor(() => part.whole?.())).toString()).toBe('partwhole')
  const long = await openBody(storage.deliverer, orderFor('long'))
  expect(long.whole?.()).toBeUndefined()
  long.discard()
  const cut = await openBody(storage.deliverer, orderFor('cut'))
  await waitFor(() => storage.failures.length === 1)
  expect(cut.whole?.()).toBeUndefined()
  cut.discard()
})
