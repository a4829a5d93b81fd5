import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered at one path. */
export interface FixedAnswer {
  /** Default: 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** A server that gives the same answer at a path, whatever the query, 404 elsewhere, and 304 to who has it. */
export interface FixedServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`, no trailing slash. */
  readonly url: string
  /** Request lines and headers so far. */
  readonly heard: () => string
}

/** `answersFor` gets the server's URL, which its documents name. Keys are paths as clients write them, decoded. */
export async function startFixedServer(
  answersFor: (url: string) => Readonly<Record<string, FixedAnswer>>,
): Promise<FixedServer> {
  let answers: Readonly<Record<string, FixedAnswer>> = {}
  const heard: string[] = []
  const server = createServer(({ method = '', url = '', rawHeaders, headers: asked }, response) => {
    const lines = rawHeaders.map((word, index) => (index % 2 === 0 ? `${word}: ` : `${word}\r\n`))
    heard.push(`${method} ${url}\r\n${lines.join('')}\r\n`)
    const { status = 200, headers = {}, body = '' } = answers[pathOf(url)] ?? { status: 404 }
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`
    if (status === 200 && asked['if-none-match'] === etag) return void response.writeHead(304, { etag }).end()
    const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }
    response.writeHead(status, { etag, ...length, ...headers })
    response.end(method === 'HEAD' ? undefined : body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  answers = answersFor(url)
  return {
    url,
    heard: () => heard.join(''),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function pathOf(url: string): string {
  return decodeURIComponent(url.replace(/\?.*/, ''))
}
