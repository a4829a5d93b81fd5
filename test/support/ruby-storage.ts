import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryDirectory } from './processes.ts'
import { buildRubyRepository } from './ruby-repository.ts'

/** One request for a gem repository, and how it was answered. */
interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly status: number
}

/** A server of gems as rubygems.org is one: ETags are the MD5 of what they stand for, and `Range` is understood. */
export interface RubyStorage extends AsyncDisposable {
  /** The folder of the repository. */
  readonly root: string
  /** No trailing slash. */
  readonly url: string
  readonly heard: () => readonly Heard[]
}

export async function startRubyStorage(): Promise<RubyStorage> {
  const directory = await temporaryDirectory('ruby-storage')
  await buildRubyRepository(directory.path)
  const root = join(directory.path, 'ruby')
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    response.once('finish', () => heard.push({ method, url, headers, status: response.statusCode }))
    void answer(root, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    root,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await directory.remove()
    },
  }
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*/, '')
  const content = path === '/' ? Buffer.from('gems') : await readFile(join(root, path)).catch(() => undefined)
  if (content === undefined) return void response.writeHead(404).end()
  const etag = `"${createHash('md5').update(content).digest('hex')}"`
  response.setHeader('etag', etag).setHeader('accept-ranges', 'bytes')
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
  const start = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? -1)
  const isPart = start >= 0 && start < content.length
  const sent = isPart ? content.subarray(start) : content
  if (isPart) response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`)
  response.writeHead(isPart ? 206 : 200, { 'content-length': sent.length })
  response.end(request.method === 'HEAD' ? undefined : sent)
}
