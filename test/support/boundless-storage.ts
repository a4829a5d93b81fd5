import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A storage with a file at every path, however long it is and whatever stands in it. */
export interface BoundlessStorage extends AsyncDisposable {
  /** `http://127.0.0.1:port/` */
  readonly url: string
}

export async function startBoundlessStorage(): Promise<BoundlessStorage> {
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (_request, response) => response.end('x'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
