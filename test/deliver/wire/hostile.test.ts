import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { waitFor } from '../../support/processes.ts'
import { ask, faultOf, GET_X, startRig } from './asking.ts'

const HEAD = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`

/** Writes `piece` again and again, as fast as it goes. */
function flood(socket: Socket, beginning: string, piece: string): void {
  socket.write(beginning)
  const write = (): void => {
    while (socket.writable && socket.write(piece)) continue
  }
  socket.on('drain', write)
  write()
}

/** Writes `text` byte by byte, and goes on with `piece` for ever. */
function dribble(socket: Socket, text: string, piece: string): void {
  let at = 0
  const timer = setInterval(() => {
    socket.write(
      at < text.length ? text.charAt(at) : piece.charAt((at - text.length) % piece.length),
      'latin1',
    )
    at++
  }, 2)
  socket.once('close', () => clearInterval(timer))
}

const hostile: [string, (socket: Socket) => void, string][] = [
  ['a head without end', (socket) => flood(socket, HEAD, `x: ${'y'.repeat(1000)}\r\n`), 'malformed'],
  ['a line without end', (socket) => flood(socket, HEAD, 'y'.repeat(1000)), 'malformed'],
  ['a status line without end', (socket) => flood(socket, 'HTTP/1.1 200 ', 'y'.repeat(1000)), 'malformed'],
  [
    'interim answers without end',
    (socket) => flood(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)),
    'malformed',
  ],
  ['bytes that are not HTTP', (socket) => void socket.write('SSH-2.0-OpenSSH_9\r\n'), 'malformed'],
  ['TLS', (socket) => void socket.write('\x15\x03\x03\x00\x02\x02\x28', 'latin1'), 'malformed'],
  ['lines that end in LF', (socket) => void socket.write('HTTP/1.1 200 OK\nx: y\n\n'), 'malformed'],
  ['an upgrade', (socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'), 'malformed'],
  ['an extension without end', (socket) => flood(socket, `${CHUNKED}1;`, 'x'.repeat(1000)), 'malformed'],
  [
    'trailers without end',
    (socket) => flood(socket, `${CHUNKED}0\r\n`, 'x: y\r\n'.repeat(1000)),
    'malformed',
  ],
  ['a chunk size without end', (socket) => flood(socket, CHUNKED, '0'.repeat(1000)), 'malformed'],
  [
    'a chunk size that no number holds',
    (socket) => void socket.write(`${CHUNKED}ffffffffffffffff\r\n`),
    'malformed',
  ],
  ['a head that dribbles', (socket) => dribble(socket, HEAD, 'x: y\r\n'), 'late'],
  ['interim answers that dribble', (socket) => dribble(socket, '', 'HTTP/1.1 102 P\r\n\r\n'), 'late'],
  ['silence', () => undefined, 'late'],
  ['silence in a head', (socket) => void socket.write(HEAD), 'late'],
  ['silence in a body', (socket) => void socket.write(`${HEAD}content-length: 9\r\n\r\npart`), 'silent'],
  ['silence in a chunk', (socket) => void socket.write(`${CHUNKED}9\r\npart`), 'silent'],
  ['silence in the trailers', (socket) => void socket.write(`${CHUNKED}0\r\nx: y`), 'silent'],
  ['silence in a body of unknown length', (socket) => void socket.write(`${HEAD}\r\npart`), 'silent'],
  ['an end in a head', (socket) => void socket.end(HEAD), 'cut'],
  ['an end in a body', (socket) => void socket.end(`${HEAD}content-length: 9\r\n\r\npart`), 'cut'],
  ['an end in a chunk', (socket) => void socket.end(`${CHUNKED}9\r\npart`), 'cut'],
  [
    'an end behind the last chunk but before its line end',
    (socket) => void socket.end(`${CHUNKED}0\r\n`),
    'cut',
  ],
  ['no answer, twice', (socket) => void socket.end(), 'cut'],
]
test.each(hostile)('gives up, and the connection with it, on %s', async (_, answer, fault) => {
  await using rig = await startRig(answer, { headersTimeoutMs: 300, idleTimeoutMs: 300 })
  expect(faultOf(await ask(rig.client))).toBe(fault)
  await waitFor(() => rig.server.open() === 0)
})

test('goes on with a body that dribbles, as long as something comes', async () => {
  const text = `${HEAD}content-length: 300\r\n\r\n`
  await using rig = await startRig((socket) => dribble(socket, text, 'x'), { idleTimeoutMs: 300 })
  expect(await ask(rig.client)).toMatchObject({ end: 'whole', content: Buffer.alloc(300, 'x') })
})

test('never mixes two exchanges up, whatever a storage adds to its answers', async () => {
  await using rig = await startRig((socket, head, number) => {
    const body = `for ${head.split(' ')[1]}`
    const poison = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison'
    socket.write(`${HEAD}content-length: ${body.length}\r\n\r\n${body}${number % 3 === 0 ? poison : ''}`)
  })
  const paths = Array.from({ length: 100 }, (_, n) => `/${n}`)
  const heard = await Promise.all(paths.map((path) => ask(rig.client, { ...GET_X, path })))
  expect(heard.map(({ content }) => content.toString())).toEqual(paths.map((path) => `for ${path}`))
})
