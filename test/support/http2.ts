import { once } from 'node:events'
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { sharedAuthority } from './certificates.ts'
import type { Answer } from './requests.ts'

const sessions = new Map<string, ClientHttp2Session>()

/** A session of its own with a gate of these tests. `url` begins with `h2:`. */
export function openSession(url: string, options: object = {}): ClientHttp2Session {
  const session = connect(url.replace(/^h2:/, 'https:'), { ca: sharedAuthority(), ...options })
  session.on('error', () => undefined)
  return session
}

/** What a server with TLS chooses when HTTP/2 and HTTP/1.1 are on offer, as ALPN names it; undefined: it does not choose. */
export async function negotiate(url: string): Promise<string | undefined> {
  const { hostname: host, port } = new URL(url)
  const ALPNProtocols = ['h2', 'http/1.1']
  const options = { host, port: Number(port), servername: 'localhost', ca: sharedAuthority(), ALPNProtocols }
  const socket = connectTls(options)
  try {
    await once(socket, 'secureConnect')
    return socket.alpnProtocol || undefined
  } finally {
    socket.destroy()
  }
}

/** The session that all requests to an origin share, as browsers and curl have it. */
function sharedSession(origin: string): ClientHttp2Session {
  const known = sessions.get(origin)
  if (known !== undefined && !known.closed && !known.destroyed) return known
  const session = openSession(origin)
  session.unref()
  sessions.set(origin, session)
  return session
}

/** Asks as `get` does. Rejects when no answer begins. */
export async function getByHttp2(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const [, origin = '', path = ''] = /^(h2:\/\/[^/]+)(.*)$/.exec(url) ?? []
  const { Host: host, ...others } = headers
  const authority = host === undefined ? {} : { ':authority': host }
  return askSession(sharedSession(origin), path || '/', { ':method': method, ...authority, ...others })
}

export async function askSession(
  session: ClientHttp2Session,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const stream = session.request({ ':path': path, ...headers })
  const chunks: Buffer[] = []
  let isCut = false
  let failure: Error | undefined
  let answered: (IncomingHttpHeaders & { ':status'?: number | undefined }) | undefined
  stream.on('response', (given) => (answered = given))
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('aborted', () => (isCut = true))
  stream.on('error', (error: Error) => {
    failure = error
    isCut = true
  })
  stream.end()
  await once(stream, 'close').catch(() => undefined)
  if (answered === undefined) throw failure ?? new Error('The stream ended without an answer')
  const complete = !isCut && stream.rstCode === constants.NGHTTP2_NO_ERROR
  return {
    status: answered[':status'] ?? 0,
    reason: '',
    headers: answered,
    body: Buffer.concat(chunks),
    complete,
  }
}
