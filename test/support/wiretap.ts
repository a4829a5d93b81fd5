import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP relay in front of a server that remembers what was said to it. */
export interface Wiretap extends AsyncDisposable {
  /** `http://127.0.0.1:port`, no trailing slash. */
  readonly url: string
  /** Every byte that reached the server, on all connections: nothing that was sent can hide from it. */
  readonly heard: () => string
  readonly stop: () => Promise<void>
}

interface WiretapOptions {
  /** Bytes of answers after which all connections break, once. */
  readonly cutAfterBytes?: number
}

/** Relays a free loopback port to `port`. */
export async function startWiretap(port: number, options: WiretapOptions = {}): Promise<Wiretap> {
  const chunks: Buffer[] = []
  let untilCut = options.cutAfterBytes ?? Number.POSITIVE_INFINITY
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket.on('error', () => socket.destroy()))
    socket.once('close', () => sockets.delete(socket))
  }
  const breakAll = (): void => sockets.forEach((socket) => void socket.destroy())
  const countDown = (chunk: Buffer): void => {
    untilCut -= chunk.length
    if (untilCut > 0) return
    untilCut = Number.POSITIVE_INFINITY
    breakAll()
  }
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    keep(client)
    keep(upstream)
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    client.once('close', () => upstream.destroy())
    upstream.once('close', () => client.destroySoon())
    client.pipe(upstream)
    upstream.on('data', countDown).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    breakAll()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => Buffer.concat(chunks).toString('latin1'),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
