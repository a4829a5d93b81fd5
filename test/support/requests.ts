import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

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

/** Asks for `url` with its path as it is written: nothing is normalised. Rejects when no answer begins. */
export async function get(
  url: string,
  { method = 'GET', headers = {}, agent }: GetOptions = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const [, host = '', port = '', path = ''] = /^http:\/\/([^:/]+):(\d+)(.*)$/.exec(url) ?? []
  const asked = request({ host, port, path: path || '/', method, headers, agent }, (response) => {
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
  })
  asked.once('error', reject)
  asked.end()
  return promise
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
