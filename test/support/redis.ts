import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  runOrFail,
  startOnFreePort,
  startServer,
  temporaryDirectory,
  waitFor,
  type ServerProcess,
} from './processes.ts'

/** A real redis-server of a test, with its files in a temporary folder. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly pid: () => number
  /** Runs one command and gives its answer as redis-cli prints it. */
  readonly command: (...words: readonly string[]) => Promise<string>
  /** Ends it; its files stay. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
  /** Starts it again on the same port with the same files. */
  readonly restart: () => Promise<void>
}

interface RedisServerOptions {
  /** Lines of redis.conf by their first word, added to those for a quiet server on a loopback port. */
  readonly settings?: Readonly<Record<string, string>>
  /** What redis-cli needs besides the port. */
  readonly cliOptions?: readonly string[]
  /** Serves TLS only, with this certificate and its key; redis-cli goes on through a Unix socket. */
  readonly tls?: { readonly ca: string; readonly key: string }
  /** Lines of sentinel.conf; a sentinel is started then. */
  readonly sentinel?: readonly string[]
}

const BASE: Readonly<Record<string, string>> = { bind: '127.0.0.1', 'protected-mode': 'no', daemonize: 'no' }
const QUIET: Readonly<Record<string, string>> = { save: '""', appendonly: 'no' }

/** Starts a server on a free port; what is written to disk goes to a folder of its own. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await temporaryDirectory('redis')
  try {
    return await startOnFreePort((port) => startAt(port, folder, options))
  } catch (error) {
    await folder.remove()
    throw error
  }
}

async function startAt(
  port: number,
  folder: Awaited<ReturnType<typeof temporaryDirectory>>,
  { settings = {}, cliOptions = [], tls, sentinel }: RedisServerOptions,
): Promise<RedisServer> {
  const socket = join(folder.path, 'socket')
  const cli = tls === undefined ? ['-p', String(port), ...cliOptions] : ['-s', socket]
  const command = (...words: readonly string[]): Promise<string> =>
    runOrFail('redis-cli', [...cli, ...words]).then((answer) => answer.trim())
  const file = join(folder.path, 'server.conf')
  const own = {
    dir: folder.path,
    ...(tls === undefined ? { port: String(port) } : tlsSettings(port, socket, tls)),
  }
  const lines = sentinel ?? Object.entries({ ...QUIET, ...settings }).map((words) => words.join(' '))
  await writeFile(
    file,
    [...Object.entries({ ...BASE, ...own }).map((words) => words.join(' ')), ...lines].join('\n'),
  )
  const launch = (): Promise<ServerProcess> =>
    startServer(sentinel === undefined ? 'redis-server' : 'redis-sentinel', [file], {
      cwd: folder.path,
      isReady: async () => (await command('PING')) === 'PONG',
    })
  let server = await launch()
  const stop = async (signal?: NodeJS.Signals): Promise<void> => void (await server.stop(signal))
  return {
    port,
    pid: () => server.pid,
    command,
    stop,
    restart: async () => {
      server = await launch()
    },
    [Symbol.asyncDispose]: async () => {
      await stop()
      await folder.remove()
    },
  }
}

function tlsSettings(
  port: number,
  socket: string,
  { ca, key }: { readonly ca: string; readonly key: string },
): Record<string, string> {
  return {
    port: '0',
    unixsocket: socket,
    'tls-port': String(port),
    'tls-cert-file': ca,
    'tls-key-file': key,
    'tls-auth-clients': 'no',
  }
}

/** Masters of a cluster, without replicas. */
export interface RedisCluster extends AsyncDisposable {
  readonly servers: readonly RedisServer[]
}

/** Starts a cluster of three masters and resolves when it takes commands. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': '2000' }
  const servers = await Promise.all([1, 2, 3].map(() => startRedis({ settings, cliOptions: ['-c'] })))
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((each) => each[Symbol.asyncDispose]()))
  }
  try {
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
    await runOrFail('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'])
    await waitFor(() => everyone(servers, 'cluster_state:ok'), { what: 'the cluster' })
    return { servers, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function everyone(servers: readonly RedisServer[], state: string): Promise<boolean> {
  const infos = await Promise.all(servers.map(({ command }) => command('CLUSTER', 'INFO')))
  return infos.every((info) => info.includes(state))
}

/** A master and its replica under three sentinels, who call it "main". */
export interface RedisSentinels extends AsyncDisposable {
  readonly master: RedisServer
  readonly replica: RedisServer
  readonly sentinels: readonly RedisServer[]
}

/** Starts them and resolves when a fail-over is possible. */
export async function startRedisSentinels(): Promise<RedisSentinels> {
  const started: RedisServer[] = []
  const keep = async (server: Promise<RedisServer>): Promise<RedisServer> => {
    started.push(await server)
    return server
  }
  const stop = async (): Promise<void> => {
    await Promise.all(started.toReversed().map((each) => each[Symbol.asyncDispose]()))
  }
  try {
    const settings = { appendonly: 'yes', 'repl-diskless-sync-delay': '0' }
    const master = await keep(startRedis({ settings }))
    const replicaof = `127.0.0.1 ${master.port}`
    const replica = await keep(startRedis({ settings: { ...settings, replicaof } }))
    await waitFor(async () => (await replica.command('INFO')).includes('master_link_status:up'), {
      what: 'the replica',
    })
    const sentinel = [
      `sentinel monitor main 127.0.0.1 ${master.port} 2`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 2000',
    ]
    const sentinels = await Promise.all([1, 2, 3].map(() => keep(startRedis({ sentinel }))))
    await waitFor(() => allKnow(sentinels), { what: 'the sentinels to know each other' })
    return { master, replica, sentinels, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function allKnow(sentinels: readonly RedisServer[]): Promise<boolean> {
  const infos = await Promise.all(sentinels.map(({ command }) => command('INFO', 'sentinel')))
  return infos.every((info) => info.includes('status=ok') && info.includes('slaves=1,sentinels=3'))
}
