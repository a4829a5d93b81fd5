import { Agent, request, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as requestTls } from 'node:https'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { sharedAuthority } from './certificates.ts'
import { getByHttp2, openSession } from './http2.ts'

/** An answer read to its end, or as far as it went. */
export interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** False when the connection broke inside the body. */
  readonly complete: boolean
}

interface GetOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly agent?: Agent
}

/**
 * Asks for `url` with its path as it is written: nothing is normalised. Begins with `http:`, `https:` or, for HTTP/2, `h2:`. Rejects when no
 * answer begins.
 */
export async function get(
  url: string,
  { method = 'GET', headers = {}, agent }: GetOptions = {},
): Promise<Answer> {
  if (url.startsWith('h2:')) return getByHttp2(url, method, headers)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const [, scheme = '', host = '', port = '', path = ''] = /^(https?):\/\/([^:/]+):(\d+)(.*)$/.exec(url) ?? []
  const options = { host, port, path: path || '/', method, headers, agent }
  const take = (response: IncomingMessage): void => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', () => undefined)
    response.once('close', () =>
      resolve({
        status: response.statusCode ?? 0,
        reason: response.statusMessage ?? '',
        headers: response.headers,
        body: Buffer.concat(chunks),
        complete: response.complete,
      }),
    )
  }
  const asked =
    scheme === 'https'
      ? requestTls({ ...options, servername: 'localhost', ca: sharedAuthority() }, take)
      : request(options, take)
  asked.once('error', reject)
  asked.end()
  return promise
}

/** Lasting connections of HTTP/1 to what `url` names. HTTP/2 has one, whatever is asked. */
export function agentFor(url: string, maxSockets: number): Agent {
  const options = { keepAlive: true, maxSockets }
  return url.startsWith('https:') ? new TlsAgent(options) : new Agent(options)
}

/** Begins a request of which nothing more is read than the first bytes, until the client leaves. */
export async function beginStalled(url: string): Promise<{ readonly leave: () => void }> {
  const [, origin = '', path = ''] = /^(\w+:\/\/[^/]+)(.*)$/.exec(url) ?? []
  if (url.startsWith('h2:')) {
    const session = openSession(origin)
    const stream = session.request({ ':path': path })
    stream.on('error', () => undefined)
    stream.pause()
    await once(stream, 'response')
    return {
      leave: () => {
        stream.close(8)
        session.close()
      },
    }
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const ask = url.startsWith('https:') ? requestTls : request
  const agent = agentFor(url, 1)
  const asked = ask(url, { agent, ca: sharedAuthority() }, resolve)
  asked.once('error', reject).end()
  const response = await promise
  response.on('error', () => undefined)
  response.pause()
  return { leave: () => void response.destroy() }
}

/** A connection of its own, for what no HTTP client would send. */
export interface RawConnection extends Disposable {
  readonly socket: Socket
  readonly received: () => string
  /** Resolves when the other side has closed. */
  readonly closed: Promise<unknown>
}

export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  return {
    socket,
    received: () => Buffer.concat(chunks).toString('latin1'),
    closed,
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
