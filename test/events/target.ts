import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Somebody who is told of events. */
export interface Target extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly received: readonly Received[]
  /** What it answers from now on; `silent`: nothing. */
  readonly answerWith: (
    status: number | 'silent',
    headers?: Readonly<Record<string, string>>,
    body?: string,
  ) => void
}

export async function startTarget(): Promise<Target> {
  const received: Received[] = []
  let answer: { status: number | 'silent'; headers: Readonly<Record<string, string>>; body: string } = {
    status: 204,
    headers: {},
    body: '',
  }
  const server = createServer(async (request, response) => {
    const sent = await text(request)
    received.push({ headers: request.headers, text: sent, body: JSON.parse(sent === '' ? '{}' : sent) })
    if (answer.status === 'silent') return
    response.on('error', () => undefined)
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    answerWith: (status, headers = {}, body = '') => void (answer = { status, headers, body }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
