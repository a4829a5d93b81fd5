import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Deliverer, Sent } from '../../src/deliver/contract.ts'
import { orderFor } from './orders.ts'

/** A real HTTP server that hands on whatever its deliverer gives: what the gateway does, without its judgements. */
export interface Front extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** How the deliveries went that have ended, in the order of their ends. */
  readonly sent: readonly Sent[]
}

export async function startFront(deliverer: Deliverer): Promise<Front> {
  const sent: Sent[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request
    const onGone = (listener: () => void): void => {
      socket.once('close', listener)
      response.once('finish', () => socket.off('close', listener))
    }
    const path = (request.url ?? '').slice(1)
    const opened = await deliverer.open(orderFor(path, { onGone }))
    if (!opened.ok) return void response.writeHead(502).end()
    response.writeHead(opened.status, [...opened.headers])
    if (opened.body === null) return void response.end()
    sent.push(await opened.body.send(response))
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    sent,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
