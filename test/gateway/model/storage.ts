import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { artifactAt, contentOf, tagOf, type Artifact } from './artifacts.ts'

/** What the storage does wrong. `after`: body bytes that go out before. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'break'; readonly after: number }
  /** Sends no more until it is let go of. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Does not begin to answer. */
  | { readonly kind: 'silent' }

/** A storage of all files that `artifactAt` knows, which fails as it is told to. */
export interface FaultyStorage extends AsyncDisposable {
  /** Ends in a slash. */
  readonly url: string
  /** From now on requests with this user agent fail so. */
  readonly expect: (agent: string, fault: Fault) => void
  /** Resolves when a request with this user agent, which is expected, has come. */
  readonly asked: (agent: string) => Promise<void>
  /** Lets go of what stalls, and forgets the fault. */
  readonly release: (agent: string) => void
}

interface Expected {
  readonly fault: Fault
  readonly asked: PromiseWithResolvers<void>
  readonly stalled: Set<ServerResponse>
}

export async function startFaultyStorage(): Promise<FaultyStorage> {
  const expected = new Map<string, Expected>()
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    response.on('error', () => response.destroy())
    const found = expected.get(request.headers['user-agent'] ?? '')
    found?.asked.resolve()
    answer(request, response, found)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    expect: (agent, fault) => {
      expected.set(agent, { fault, asked: Promise.withResolvers(), stalled: new Set() })
    },
    asked: (agent) => expected.get(agent)?.asked.promise ?? Promise.resolve(),
    release: (agent) => {
      for (const response of expected.get(agent)?.stalled ?? []) response.destroy()
      expected.delete(agent)
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function answer(request: IncomingMessage, response: ServerResponse, expected: Expected | undefined): void {
  const fault = expected?.fault
  if (fault?.kind === 'silent') return void expected?.stalled.add(response)
  if (fault?.kind === 'status') return void response.writeHead(fault.status).end('out of order')
  const artifact = artifactAt(decodeURIComponent((request.url ?? '').slice(1)))
  if (artifact === undefined) return void response.writeHead(404).end('no such file')
  const body = writeHead(request, response, artifact)
  if (body === undefined || request.method === 'HEAD') return void response.end()
  if (fault === undefined) return void response.end(body)
  response.write(body.subarray(0, fault.after), () => {
    if (fault.kind === 'break') response.destroy()
    else expected?.stalled.add(response)
  })
}

/** Writes status and headers; gives the body, undefined for an answer without one. */
function writeHead(
  { headers }: IncomingMessage,
  response: ServerResponse,
  artifact: Artifact,
): Buffer | undefined {
  const about = {
    etag: tagOf(artifact),
    'last-modified': 'Mon, 05 Feb 2024 10:00:00 GMT',
    'cache-control': artifact.path.startsWith('popular/') ? 'max-age=600' : 'no-store',
  }
  if (headers['if-none-match'] === tagOf(artifact)) {
    response.writeHead(304, about)
    return undefined
  }
  const [content, range] = [contentOf(artifact), artifact.isTold ? headers.range : undefined]
  if (range === undefined) {
    response.writeHead(200, artifact.isTold ? { ...about, 'content-length': content.length } : about)
    return content
  }
  const [start, end] = resolve(range, content.length)
  if (start >= end) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` })
    return undefined
  }
  response.writeHead(206, {
    ...about,
    'content-length': end - start,
    'content-range': `bytes ${start}-${end - 1}/${content.length}`,
  })
  return content.subarray(start, end)
}

/** Half-open, within `size`. */
function resolve(range: string, size: number): readonly [number, number] {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  if (first === '') return [Math.max(0, size - Number(last)), size]
  return [Number(first), last === '' ? size : Math.min(size, Number(last) + 1)]
}
