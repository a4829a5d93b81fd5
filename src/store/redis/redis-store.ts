import { StoreError, type Store } from '../contract.ts'
import { RESTORE_AGAIN } from '../unfinished.ts'
import { createRedisKeys } from './api-keys.ts'
import { createApply } from './apply.ts'
import { createRedisAudit } from './audit.ts'
import { buildIndex, isReady } from './build-index.ts'
import { createChangeFeed } from './changes.ts'
import { createSharedClock } from './clock.ts'
import { createCommands, type Commands } from './commands.ts'
import { connect, type Connection, type RedisServers } from './connection.ts'
import { createRedisDeliveries } from './deliveries.ts'
import { asStoreError, within } from './errors.ts'
import { createRedisEvents } from './events.ts'
import { createGate } from './gate.ts'
import { createRedisHistory } from './history.ts'
import { createKeys, type Keys } from './keys.ts'
import { createProcesses } from './processes.ts'
import { createResets } from './resets.ts'
import { createSearchUsage } from './search-usage.ts'
import { createScripts } from './scripts.ts'
import { createRedisTokens } from './tokens.ts'
import { createRedisUsage } from './usage.ts'
import { findRisks } from './risks.ts'
import { createRedisWebhooks } from './webhooks.ts'

export interface RedisStoreOptions {
  readonly servers: RedisServers
  /** What all keys begin with. */
  readonly prefix: string
  /** Names this process among those that share the servers; unique, without a colon. */
  readonly processId: string
  /** Epoch ms. */
  readonly clock: () => number
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /**
   * Instants that are given to the store are read as instants of `clock`, and shifted to the servers' clock where the two are more than a
   * second apart: hosts whose clocks are wrong count alike.
   */
  readonly correctsClock: boolean
  /** Is told what an operator should know. */
  readonly onWarning: (message: string) => void
  /** At the start that includes servers that would lose charges, and a wrong clock. */
  readonly examines: boolean
  /** Charges and changed tokens are acknowledged when so many replicas have them. 0 in a cluster. */
  readonly replicas?: number
  /** How often this process shows that it lives; it is taken for dead after five of them. */
  readonly heartbeatMs?: number
}

const HEARTBEAT_MS = 5_000
/** Longest wait for one answer. */
const DEADLINE_MS = 500
/** A host whose clock is further off than that is told of. */
const WRONG_CLOCK_MS = 5_000

/** Opens the store that many hosts share. Rejects with a `StoreError` when the servers can't be reached or used. */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const connection = await connect(options.servers, `postern-${options.processId}`)
  try {
    return await startStore(connection, options)
  } catch (error) {
    connection.close()
    throw asStoreError(error, connection.complaint())
  }
}

async function startStore(connection: Connection, options: RedisStoreOptions): Promise<Store> {
  const parts = createParts(connection, options)
  const { client } = connection
  const { processes, feed, usage, tokens, keys, audit, events, webhooks, history, clock, ping } = parts
  const stop = async (): Promise<void> => {
    feed.stop()
    await processes.stop().catch(() => undefined)
  }
  try {
    await parts.refuseUnfinished()
    await processes.start()
    await feed.start()
    await parts.prepare().catch(() => undefined)
  } catch (error) {
    await stop()
    throw error
  }
  if (options.examines) {
    // What can't be found out is no reason not to start.
    const risks = await within(DEADLINE_MS, findRisks(client)).catch(() => [])
    warn(clock.offsetMs(), risks, options.onWarning)
  }
  const stopping = new AbortController()
  // What fails is done by the next process that begins.
  const building = options.examines ? parts.build(stopping.signal).catch(() => undefined) : undefined
  const catchUp = (): Promise<void> => usage.catchUp().catch(() => undefined)
  client.on('ready', () => void catchUp())

  const gate = createGate(connection.complaint)
  const shutDown = async (): Promise<void> => {
    stopping.abort()
    await building
    await gate.close()
    await catchUp()
    await stop()
    connection.close()
  }
  let closing: Promise<void> | undefined
  const { putIndex: _, ...storeTokens } = tokens
  const { reserve, settle, record, read, reset, listClients, releaseClient } = usage
  return {
    tokens: { ...gate.guarded(storeTokens), watch: tokens.watch },
    usage: gate.guarded({ reserve, settle, record, read, reset, listClients, releaseClient }),
    keys: gate.guarded(keys),
    audit: gate.guarded(audit),
    events: gate.guarded(events),
    webhooks: gate.guarded(webhooks),
    history: gate.guarded(history),
    ...gate.guarded({ ping }),
    close: () => (closing ??= shutDown()),
  }
}

/** Everything that the store is made of, not yet at work. */
function createParts(connection: Connection, options: RedisStoreOptions) {
  const { processId, monotonic, onWarning, heartbeatMs = HEARTBEAT_MS } = options
  const { client, subscriber } = connection
  const names = createKeys(options.prefix)
  const scripts = createScripts(client, DEADLINE_MS, options.replicas ?? 0)
  const commands = createCommands(client, DEADLINE_MS)
  const clock = createSharedClock(options.clock, options.correctsClock)
  const readLatest = async (): Promise<number> => Number((await commands.get(names.changes)) ?? 0)
  const feed = createChangeFeed({
    subscriber,
    channel: names.channel,
    processId,
    readLatest,
    renew: connection.renewSubscription,
  })
  const processes = createProcesses({
    scripts,
    keys: names,
    processId,
    heartbeatMs,
    monotonic,
    onBeat: (serverTime, tookMs) => {
      clock.compare(serverTime, tookMs)
      void usage.catchUp().catch(() => undefined)
    },
    leave: (number) => commands.removeMember(names.processes, number),
  })
  const shared = { scripts, keys: names, processId }
  const apply = createApply(scripts)
  const stored = { commands, scripts, keys: names, apply }
  const resets = createResets({ ...stored, clock: options.clock })
  const usage = createRedisUsage({
    ...shared,
    connection,
    processes,
    clock,
    hostClock: options.clock,
    resets,
    onWarning,
  })
  const searchUsage = createSearchUsage({ ...stored, readUsage: usage.read })
  const tokens = createRedisTokens({ ...shared, commands, feed, searchUsage })
  const keys = createRedisKeys(stored)
  const audit = createRedisAudit({ ...stored, finishResets: resets.finish })
  const events = { ...createRedisEvents(stored), ...createRedisDeliveries(stored) }
  const { isCluster } = connection
  const history = createRedisHistory({ scripts, commands, keys: names, isCluster, onWarning })
  const webhooks = createRedisWebhooks(stored)
  // A server that only answers reads can charge nothing.
  const ping = async (): Promise<void> => {
    await Promise.all([commands.set(names.ping, processId), refuseUnfinished(commands, names)])
  }
  return {
    feed,
    processes,
    usage,
    tokens,
    keys,
    audit,
    events,
    webhooks,
    history,
    clock,
    ping,
    refuseUnfinished: () => refuseUnfinished(commands, names),
    /** An empty store is ready for searches. */
    prepare: async () => void (await isReady({ commands, keys: names })),
    build: (signal: AbortSignal) =>
      buildIndex({ commands, keys: names, put: tokens.putIndex, apply, signal }),
  }
}

async function refuseUnfinished(commands: Pick<Commands, 'exists'>, keys: Keys): Promise<void> {
  if ((await commands.exists(keys.unfinished)) === 1)
    throw new StoreError('unavailable', `The store can't be used: ${RESTORE_AGAIN}.`)
}

function warn(offsetMs: number, risks: readonly string[], onWarning: (message: string) => void): void {
  risks.forEach(onWarning)
  if (Math.abs(offsetMs) < WRONG_CLOCK_MS) return
  const seconds = Math.round(Math.abs(offsetMs) / 1_000)
  onWarning(
    `The clock of this host is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} that of Redis, which counts`,
  )
}
