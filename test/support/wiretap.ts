import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP relay in front of a storage that remembers what was said to it. */
export interface Wiretap extends AsyncDisposable {
  /** `http://127.0.0.1:port`, no trailing slash. */
  readonly url: string
  /** Every byte that reached the storage, on all connections: nothing that was sent can hide from it. */
  readonly heard: () => string
  readonly stop: () => Promise<void>
}

/** Relays a free loopback port to `port`. */
export async function startWiretap(port: number): Promise<Wiretap> {
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket.on('error', () => socket.destroy()))
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer((client) => {
    const storage = connect(port, '127.0.0.1')
    keep(client)
    keep(storage)
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    client.once('close', () => storage.destroy())
    storage.once('close', () => client.destroySoon())
    client.pipe(storage)
    storage.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
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
