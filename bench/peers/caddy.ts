import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  acceptsConnections,
  cleanEnvironment,
  startOnFreePort,
  startServer,
  temporaryDirectory,
} from '../../test/support/processes.ts'
import { startRedis } from '../../test/support/redis.ts'
import { gatedPath } from './limits.ts'
import { countDownloads, writeTokens } from './lua-records.ts'
import { startNode } from './node-peers.ts'
import { NAMES, type Peer } from './peer.ts'

/** Caddy that asks a small service for each request, the service, and its Redis. */
export async function startCaddy(storage: Peer, tokens: number): Promise<Peer> {
  await using started = new AsyncDisposableStack()
  const redis = started.use(await startRedis())
  await writeTokens(redis.port, tokens)
  const check = started.use(await startNode('check', './node/check-main.ts', [String(redis.port)]))
  const directory = started.use(await temporaryDirectory('bench-caddy'))
  const file = join(directory.path, 'Caddyfile')
  const env = cleanEnvironment({ HOME: directory.path, GOMAXPROCS: '1' })
  const server = await startOnFreePort(async (port) => {
    await writeFile(file, render(port, hostOf(check), hostOf(storage)))
    const args = ['run', '--config', file, '--adapter', 'caddyfile']
    const caddy = await startServer('caddy', args, { env, isReady: () => acceptsConnections(port) })
    return { ...caddy, port }
  })
  started.defer(async () => void (await server.stop()))
  const stack = started.move()
  return {
    name: NAMES.caddy,
    origin: `http://127.0.0.1:${server.port}`,
    pid: server.pid,
    helpers: [check.pid, redis.pid()],
    pathOf: gatedPath,
    countDownloads: () => countDownloads(redis.port, tokens),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function hostOf({ origin }: Peer): string {
  return new URL(origin).host
}

/** `route` keeps the order: the service is asked about the path as the client wrote it, the storage without the first three segments. */
function render(port: number, check: string, storage: string): string {
  const transport = `transport http {
				keepalive_idle_conns_per_host 128
			}`
  return `{
	admin off
	auto_https off
	log {
		level ERROR
	}
}
http://127.0.0.1:${port} {
	bind 127.0.0.1
	route {
		forward_auth ${check} {
			uri /check
			${transport}
		}
		uri path_regexp ^/[^/]+/[^/]+/[^/]+ ""
		reverse_proxy ${storage} {
			${transport}
		}
	}
}
`
}
