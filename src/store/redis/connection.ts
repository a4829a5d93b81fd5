import { readFileSync } from 'node:fs'
import { Cluster, Redis } from 'ioredis'
import { StoreError } from '../contract.ts'
import { isFromReplica, unavailable } from './errors.ts'

/** Which servers to talk to, and as whom. */
export interface RedisServers {
  readonly topology: 'single' | 'sentinel' | 'cluster'
  /** The server, or some of the sentinels, or some of the cluster. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  /** What the sentinels call the master. */
  readonly masterName: string | null
  readonly username: string | null
  readonly password: string | null
  readonly sentinelUsername: string | null
  readonly sentinelPassword: string | null
  /** 0 in a cluster. */
  readonly db: number
  /** Files, in PEM. null: no TLS. */
  readonly tls: {
    readonly ca: string | null
    readonly cert: string | null
    readonly key: string | null
  } | null
}

export type Client = Redis | Cluster

export interface Connection {
  readonly client: Client
  readonly isCluster: boolean
  /** For a subscription, which takes a connection of its own. */
  readonly subscriber: Client
  /** What was last complained about; undefined while all is well. */
  readonly complaint: () => string | undefined
  /** Looks for the server that takes writes. */
  readonly reconnect: () => void
  /** Makes the connection of the subscription anew. A cluster's client looks after its own. */
  readonly renewSubscription: () => void
  readonly close: () => void
}

/** What holds for a connection to any server. */
type ConnectionOptions = ReturnType<typeof createOptions>

/** How long a start waits for the servers. */
const START_MS = 5_000
const CONNECT_MS = 1_000
/** A connection on which nothing comes for so long, though something should, is given up. */
const SILENT_MS = 1_500
const LONGEST_BACKOFF_MS = 1_000
const SLOT_REFRESH_MS = 1_000

/** Connects. Rejects with a `StoreError` when that takes too long or is refused. Afterwards it reconnects for ever, by itself. */
export async function connect(servers: RedisServers, name: string): Promise<Connection> {
  const options = createOptions(servers)
  const isCluster = servers.topology === 'cluster'
  const client = isCluster ? openCluster(servers, options, name) : openSingle(servers, options, name)
  // A cluster's client keeps one for it.
  const subscriber = isCluster ? client : openSingle(servers, options, `${name}-changes`)
  const clients = new Set([client, subscriber])
  let complaint: string | undefined
  const complain = (error: Error): void => {
    complaint = error.message
  }
  for (const each of clients) each.on('error', complain)
  client.on('node error', complain)
  for (const each of clients) {
    each.on('ready', () => {
      complaint = undefined
    })
  }
  const close = (): void => clients.forEach((each) => each.disconnect())
  try {
    await Promise.all([...clients].map(ready))
  } catch {
    close()
    throw unavailable(complaint ?? `no connection within ${START_MS} ms`)
  }
  const renew = (each: Client) => (): void => {
    if (each instanceof Redis) each.disconnect(true)
  }
  return {
    client,
    isCluster,
    subscriber,
    complaint: () => complaint,
    reconnect: renew(client),
    renewSubscription: renew(subscriber),
    close,
  }
}

/** Fails fast: nothing is queued while there is no connection, and nothing is sent twice. */
function createOptions(servers: RedisServers) {
  const { username, password, db, tls } = servers
  return {
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(tls !== null && { tls: readTls(tls) }),
    db,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A server that became a replica: another one takes writes now.
    reconnectOnError: (error: Error) => isFromReplica(error.message),
    maxLoadingRetryTime: LONGEST_BACKOFF_MS,
    lazyConnect: true,
  }
}

function backOff(attempt: number): number {
  return Math.min(25 * 2 ** attempt, LONGEST_BACKOFF_MS)
}

function openSingle(servers: RedisServers, options: ConnectionOptions, connectionName: string): Redis {
  const { topology, nodes, masterName, sentinelUsername, sentinelPassword } = servers
  const common = {
    ...options,
    connectionName,
    enableOfflineQueue: false,
    retryStrategy: backOff,
    // The library catches no error of it: one connection that breaks just then would end the process. See changes.ts.
    autoResubscribe: false,
  }
  if (topology === 'single') return new Redis({ ...common, ...nodes[0] })
  return new Redis({
    ...common,
    sentinels: nodes.map((node) => ({ ...node })),
    ...(masterName !== null && { name: masterName }),
    ...(sentinelUsername !== null && { sentinelUsername }),
    ...(sentinelPassword !== null && { sentinelPassword }),
    ...(options.tls && { enableTLSForSentinelMode: true, sentinelTLS: options.tls }),
    sentinelCommandTimeout: CONNECT_MS,
    sentinelRetryStrategy: backOff,
  })
}

function openCluster({ nodes }: RedisServers, options: ConnectionOptions, connectionName: string): Cluster {
  return new Cluster(
    nodes.map((node) => ({ ...node })),
    {
      redisOptions: { ...options, connectionName },
      enableOfflineQueue: false,
      lazyConnect: true,
      clusterRetryStrategy: backOff,
      slotsRefreshInterval: SLOT_REFRESH_MS,
      // A command whose connection broke may have been carried out.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
    },
  )
}

function readTls(files: NonNullable<RedisServers['tls']>): Record<string, string> {
  const given = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null)
  try {
    return Object.fromEntries(given.map(([name, file]) => [name, readFileSync(file, 'utf8')]))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('unavailable', `The certificate for Redis can't be read: ${reason}`, { cause })
  }
}

async function ready(client: Client): Promise<void> {
  const isReady = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no connection')), START_MS)
    client.once('ready', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  // The first attempt may fail and the next succeed: the event tells.
  client.connect().catch(() => undefined)
  await isReady
}
