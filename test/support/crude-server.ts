import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP server that answers requests with whatever bytes a test wants. */
export interface CrudeServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`, no trailing slash. */
  readonly url: string
  /** Heads of all requests so far. */
  readonly requests: () => readonly string[]
  /** Connections made so far. */
  readonly connections: () => number
  /** Connections open at the moment. */
  readonly open: () => number
}

/** `answer` gets the socket, the head of the request and its number, from 1. */
export async function startCrudeServer(
  answer: (socket: Socket, head: string, number: number) => void,
): Promise<CrudeServer> {
  const heads: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        const head = received.slice(0, end)
        received = received.slice(end + 4)
        heads.push(head)
        answer(socket, head, heads.length)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => heads,
    connections: () => connections,
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
