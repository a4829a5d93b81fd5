import { createHttpDeliverer, type HttpOptions } from '../../src/deliver/http.ts'
import type { Deliverer } from '../../src/deliver/contract.ts'
import { startCrudeServer, type CrudeServer } from '../support/crude-server.ts'
import type { Socket } from 'node:net'

/** A deliverer with a storage that behaves as a test wants. */
export interface CrudeStorage extends AsyncDisposable {
  readonly server: CrudeServer
  readonly deliverer: Deliverer
  /** What the operator was told. */
  readonly failures: readonly string[]
}

export async function startCrudeStorage(
  answer: (socket: Socket, head: string, number: number) => void,
  options: Partial<HttpOptions> = {},
): Promise<CrudeStorage> {
  const server = await startCrudeServer(answer)
  const failures: string[] = []
  const deliverer = createHttpDeliverer({ ...optionsFor(`${server.url}/base/`, failures), ...options })
  return {
    server,
    deliverer,
    failures,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await deliverer.close()
    },
  }
}

export function optionsFor(url: string, failures: string[] = []): HttpOptions {
  return {
    url,
    connections: 8,
    connectTimeoutMs: 5000,
    headersTimeoutMs: 5000,
    idleTimeoutMs: 5000,
    onFailure: (error) => failures.push(error.message),
  }
}

/** An answer in one write: status line, headers, body. */
export function answerWith(
  status: string,
  headers: Record<string, string> = {},
  body = '',
): (socket: Socket) => void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return (socket) => void socket.write(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`, 'latin1')
}
