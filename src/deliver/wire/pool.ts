import { createConnection, type Connection, type ConnectionOwner, type Patience } from './connection.ts'
import type { ExchangeQueue } from './exchange-queue.ts'
import type { Exchange } from './exchange.ts'
import { createNameCheck } from './name-check.ts'
import type { WireOptions } from './options.ts'
import { createShares } from './shares.ts'
import type { Ticks } from './ticks.ts'
import { createConnector, type Origin } from './transport.ts'

/** The connections to one storage. */
export interface Pool {
  /** Begins an exchange on a connection that is free for its customer, else has it wait for one. */
  readonly dispatch: (exchange: Exchange) => void
  /** To be called with every tick. */
  readonly tick: () => void
  /** Resolves when nothing waits and no connection is left. */
  readonly close: () => Promise<void>
}

/** How long a connection is kept unused by a storage that does not say how long it keeps it. */
const UNUSED_MS = 4000
const LONGEST_UNUSED_MS = 600_000
/** So much earlier than the storage, whose closing would cross our next request. */
const MARGIN_MS = 1000

/** Longer than a load balancer's names are believed, on the whole. */
const RESOLVE_MS = 30_000
/** One of several addresses is given up for the next after this part of the time for connecting, and after a second. */
const ATTEMPTS = 4
const LONGEST_ATTEMPT_MS = 1_000
/** Node takes less for this. */
const SHORTEST_ATTEMPT_MS = 10

/**
 * Makes connections as long as some are missing, at most so many. Stops the ticks when there is none. Follows the host's name: a connection to
 * an address that the name no longer has is closed as soon as nothing is under way on it.
 */
export function createPool(options: WireOptions, queue: ExchangeQueue, ticks: Ticks): Pool {
  const origin = originOf(options)
  const connect = createConnector(origin)
  const checkName = createNameCheck({ ...origin, resolveMs: options.resolveMs ?? RESOLVE_MS, ticks })
  const patience = patienceOf(options, ticks)
  const all = new Set<Connection>()
  const connecting = new Set<Connection>()
  /** The one used last is the last. */
  const unused: Connection[] = []
  /** Lead where the name did once. */
  const outdated = new WeakSet<Connection>()
  const shares = createShares(options.connections)
  /** Whose exchange is under way on a connection. */
  const customers = new Map<Connection, string | undefined>()
  let closing: PromiseWithResolvers<void> | undefined

  const begin = (connection: Connection, exchange: Exchange): void => {
    shares.take(exchange.customer)
    customers.set(connection, exchange.customer)
    connection.begin(exchange)
  }
  const end = (connection: Connection): void => {
    if (!customers.has(connection)) return
    shares.giveBack(customers.get(connection))
    customers.delete(connection)
  }
  const beginMore = (): void => {
    while (unused.length > 0) {
      const next = queue.take(shares.mayTake)
      const connection = next && unused.pop()
      if (next === undefined || connection === undefined) return
      begin(connection, next)
    }
  }
  const connectMore = (): void => {
    // What waits beside unused ones waits for its share.
    if (unused.length > 0) return
    while (connecting.size < queue.size() && all.size < options.connections) {
      const connection = createConnection(connect, owner, patience, ticks.now)
      all.add(connection)
      connecting.add(connection)
    }
  }
  const settle = (): void => {
    if (all.size > 0 || queue.size() > 0) return
    ticks.stop()
    closing?.resolve()
  }
  const owner: ConnectionOwner = {
    onFree: (connection) => {
      connecting.delete(connection)
      end(connection)
      if (outdated.has(connection)) return connection.endIfUnused()
      const next = queue.take(shares.mayTake)
      if (next !== undefined) begin(connection, next)
      else if (closing !== undefined) connection.endIfUnused()
      else unused.push(connection)
    },
    onGone: (connection, { error, unanswered }) => {
      all.delete(connection)
      connecting.delete(connection)
      end(connection)
      const at = unused.indexOf(connection)
      if (at !== -1) unused.splice(at, 1)
      if (unanswered !== undefined) {
        unanswered.wasRepeated = true
        queue.addFirst(unanswered)
      }
      // Nobody has to hear of it as long as there may still be one for each that waits.
      if (error !== undefined && queue.size() > connecting.size) queue.take(anyone)?.handler.onError(error)
      beginMore()
      connectMore()
      settle()
    },
  }
  const dropOutdated = (addresses: ReadonlySet<string>, known: readonly Connection[]): void => {
    for (const connection of known) {
      const address = connection.address()
      if (address === undefined || addresses.has(address)) continue
      outdated.add(connection)
      connection.endIfUnused()
    }
  }
  return {
    dispatch: (exchange) => {
      const connection = shares.mayTake(exchange.customer) ? unused.pop() : undefined
      if (connection !== undefined) return begin(connection, exchange)
      queue.add(exchange)
      connectMore()
    },
    tick: () => {
      for (const connection of all) connection.tick()
      checkName(() => [...all], dropOutdated)
      settle()
    },
    close: () => {
      closing ??= Promise.withResolvers<void>()
      for (const connection of all) {
        if (queue.size() === 0 && connecting.has(connection)) connection.abort()
        else connection.endIfUnused()
      }
      settle()
      return closing.promise
    },
  }
}

const anyone = (): boolean => true

function originOf({ url, lookup, connectTimeoutMs }: WireOptions): Origin {
  const isSecure = url.protocol === 'https:'
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port)
  const attemptMs = Math.min(LONGEST_ATTEMPT_MS, Math.floor(connectTimeoutMs / ATTEMPTS))
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  return { isSecure, hostname, port, attemptMs: Math.max(SHORTEST_ATTEMPT_MS, attemptMs), lookup }
}

function patienceOf(
  { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs }: WireOptions,
  ticks: Ticks,
): Patience {
  const unusedMs = (hintSeconds: number | undefined): number =>
    hintSeconds === undefined ? UNUSED_MS : Math.min(LONGEST_UNUSED_MS, hintSeconds * 1000 - MARGIN_MS)
  return {
    connect: ticks.count(connectTimeoutMs),
    headers: ticks.count(headersTimeoutMs),
    idle: ticks.count(idleTimeoutMs),
    unused: (hint) => ticks.count(Math.max(0, unusedMs(hint))),
  }
}
