import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly events: string[]
}

/** Something that webhooks lead to; answers with 204. */
export async function startReceiver(): Promise<Receiver> {
  const events: string[] = []
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      events.push(String(request.headers['x-postern-event']))
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    events,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
