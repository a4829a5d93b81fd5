import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  acceptsConnections,
  startOnFreePort,
  startServer,
  temporaryDirectory,
} from '../../test/support/processes.ts'
import type { Peer } from './peer.ts'

/** node:http and node-http-proxy with keep-alive on both sides, no checks. */
export function startHttpProxy(storage: Peer): Promise<Peer> {
  return startNode('http-proxy', './http-proxy-main.ts', (port) => [port, storage.origin])
}

const NAIVE_SECRET = 'a-secret-of-the-naive-gate'

/** The same with express in front and one SQLite transaction per request. */
export async function startNaive(storage: Peer): Promise<Peer> {
  const directory = await temporaryDirectory('bench-naive')
  const file = join(directory.path, 'naive.db')
  const peer = await startNode('express + http-proxy + SQLite', './naive-main.ts', (port) => [
    port,
    storage.origin,
    file,
    NAIVE_SECRET,
  ])
  return {
    ...peer,
    pathOf: (path) => `/${NAIVE_SECRET}/acme/stable/${path}`,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]()
      await directory.remove()
    },
  }
}

function startNode(name: string, main: string, argsFor: (port: string) => readonly string[]): Promise<Peer> {
  const file = fileURLToPath(new URL(main, import.meta.url))
  return startOnFreePort(async (port) => {
    const args = [file, ...argsFor(String(port))]
    const server = await startServer(process.execPath, args, { isReady: () => acceptsConnections(port) })
    return {
      name,
      origin: `http://127.0.0.1:${port}`,
      pid: server.pid,
      pathOf: (path) => `/${path}`,
      [Symbol.asyncDispose]: async () => void (await server.stop()),
    }
  })
}
