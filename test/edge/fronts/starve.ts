import { connect, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import { sharedAuthority } from '../../support/certificates.ts'

const [DATA, HEADERS, RESET, SETTINGS] = [0, 1, 3, 4] as const
const END_OF_HEADERS_AND_STREAM = 5
const CANCEL = 8
const STREAM = 1
const HEAD_BYTES = 9
const INITIAL_WINDOW = 4

/**
 * Asks by HTTP/2 for what is at `url`, and gives the server room for so many bytes of it and no more. Resolves to the bytes that came, when
 * there are as many, and the stream was reset.
 */
export async function takeBeginning(url: string, room: number): Promise<number> {
  const { hostname, port, host, pathname } = new URL(url.replace(/^h2:/, 'https:'))
  const options = { host: hostname, port: Number(port), servername: 'localhost', ca: sharedAuthority() }
  const socket = connect({ ...options, ALPNProtocols: ['h2'] })
  await once(socket, 'secureConnect')
  const fields = { ':method': 'GET', ':scheme': 'https', ':authority': host, ':path': pathname }
  const settings = Buffer.alloc(6)
  settings.writeUInt16BE(INITIAL_WINDOW)
  settings.writeUInt32BE(room, 2)
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(frame(SETTINGS, 0, 0, settings))
  socket.write(frame(HEADERS, END_OF_HEADERS_AND_STREAM, STREAM, encode(fields)))
  const received = await readBody(socket, room)
  const code = Buffer.alloc(4)
  code.writeUInt32BE(CANCEL)
  socket.end(frame(RESET, 0, STREAM, code))
  return received
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** HPACK (RFC 7541 §6.2.2), with nothing from its tables. Values have up to 253 bytes. */
function encode(fields: Readonly<Record<string, string>>): Buffer {
  const literal = (text: string): Buffer => {
    const length = text.length < 127 ? [text.length] : [127, text.length - 127]
    return Buffer.concat([Buffer.from(length), Buffer.from(text, 'latin1')])
  }
  const field = ([name, value]: [string, string]): Buffer =>
    Buffer.concat([Buffer.from([0]), literal(name), literal(value)])
  return Buffer.concat(Object.entries(fields).map(field))
}

/** Waits for so many bytes of the body; for less when the server ends before. */
async function readBody(socket: TLSSocket, room: number): Promise<number> {
  let [unread, received] = [Buffer.alloc(0), 0]
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    unread = Buffer.concat([unread, chunk])
    while (unread.length >= HEAD_BYTES) {
      const length = unread.readUIntBE(0, 3)
      if (unread.length < HEAD_BYTES + length) break
      if (unread.readUInt8(3) === DATA) received += length
      unread = unread.subarray(HEAD_BYTES + length)
    }
    if (received >= room) break
  }
  return received
}
