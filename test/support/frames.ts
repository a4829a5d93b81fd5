import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { sharedAuthority } from './certificates.ts'

export const DATA = 0
export const HEADERS = 1
export const RST = 3
export const SETTINGS = 4
export const PING = 6
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

/** Flags. */
export const END_STREAM = 1
export const END_HEADERS = 4

/** A frame of HTTP/2 as bytes, for what no client would send. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const fixed = Buffer.alloc(9)
  fixed.writeUIntBE(payload.length, 0, 3)
  fixed.writeUInt8(type, 3)
  fixed.writeUInt8(flags, 4)
  fixed.writeUInt32BE(stream, 5)
  return Buffer.concat([fixed, payload])
}

/** A field of a head, as a literal without indexing (RFC 7541 §6.2.2). */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), asText(name), asText(value)])
}

/** The same, which the other side remembers as the latest of its table (RFC 7541 §6.2.1). */
export function remembered(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x40]), asText(name), asText(value)])
}

function asText(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length < 127) return Buffer.from([bytes.length, ...bytes])
  const digits: number[] = []
  for (let left = bytes.length - 127; ; left = Math.floor(left / 128)) {
    digits.push(left >= 128 ? (left % 128) | 128 : left)
    if (left < 128) break
  }
  return Buffer.from([127, ...digits, ...bytes])
}

export function headBlock(target: string): Buffer {
  return Buffer.concat([
    literal(':method', 'GET'),
    literal(':scheme', 'https'),
    literal(':authority', 'x'),
    literal(':path', target),
  ])
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** A connection to a gate of these tests on which HTTP/2 has begun. With `staysOpen` it does not end because the gate ends its side. */
export async function openFrames(port: number, staysOpen: boolean = false): Promise<TLSSocket & Disposable> {
  const raw = connectPlain({ port, host: '127.0.0.1', allowHalfOpen: staysOpen })
  raw.on('error', () => undefined)
  const socket = connect({
    socket: raw,
    ca: sharedAuthority(),
    ALPNProtocols: ['h2'],
    servername: 'localhost',
  })
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined).resume()
  socket.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0)]))
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() })
}
