import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { acceptsConnections, startOnFreePort, startServer } from '../../test/support/processes.ts'
import { startRedis } from '../../test/support/redis.ts'
import { gatedPath, LIMITS, REPOSITORY, secretOf } from './limits.ts'
import { NAMES, type Peer } from './peer.ts'

/** Gateways on Node with keep-alive on both sides and no checks. */
export function startHttpProxy(storage: Peer): Promise<Peer> {
  return startNode(NAMES.httpProxy, './node/http-proxy-main.ts', [storage.origin])
}

export function startHttpProxy3(storage: Peer): Promise<Peer> {
  return startNode(NAMES.httpProxy3, './node/http-proxy-3-main.ts', [storage.origin])
}

export function startReplyFrom(storage: Peer): Promise<Peer> {
  return startNode(NAMES.replyFrom, './node/reply-from-main.ts', [storage.origin])
}

/** express, http-proxy and a Redis of its own, as one writes them in an afternoon. */
export async function startNaive(storage: Peer, tokens: number): Promise<Peer> {
  await using started = new AsyncDisposableStack()
  const redis = started.use(await startRedis())
  await writeNaiveTokens(redis.port, tokens)
  const args = [storage.origin, String(redis.port)]
  const node = started.use(await startNode(NAMES.naive, './node/naive-main.ts', args))
  const stack = started.move()
  return {
    ...node,
    helpers: [redis.pid()],
    pathOf: gatedPath,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function writeNaiveTokens(port: number, count: number): Promise<void> {
  const redis = new Redis(port, '127.0.0.1')
  const pipeline = redis.pipeline()
  for (let token = 0; token < count; token++) {
    pipeline.set(`secret:${secretOf(token)}`, token)
    pipeline.hset(`token:${token}`, {
      active: '1',
      until: LIMITS.validUntil,
      repository: REPOSITORY,
      downloads: LIMITS.downloads,
      clients: LIMITS.clients,
    })
  }
  await pipeline.exec()
  await redis.quit()
}

/** Runs `main` with a free port and `args`. */
export function startNode(name: string, main: string, args: readonly string[]): Promise<Peer> {
  const file = fileURLToPath(new URL(main, import.meta.url))
  return startOnFreePort(async (port) => {
    const server = await startServer(process.execPath, [file, String(port), ...args], {
      isReady: () => acceptsConnections(port),
    })
    return {
      name,
      origin: `http://127.0.0.1:${port}`,
      pid: server.pid,
      helpers: [],
      pathOf: (path) => `/${path}`,
      [Symbol.asyncDispose]: async () => void (await server.stop()),
    }
  })
}
