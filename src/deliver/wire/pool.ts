import { createConnection, type Connection, type ConnectionOwner, type Patience } from './connection.ts'
import type { ExchangeQueue } from './exchange-queue.ts'
import type { Exchange } from './exchange.ts'
import type { WireOptions } from './options.ts'
import type { Ticks } from './ticks.ts'
import { createConnector } from './transport.ts'

/** The connections to one storage. */
export interface Pool {
  /** Begins an exchange on a connection that is free, else has it wait for one. */
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

/** Makes connections as long as some are missing, at most so many. Stops the ticks when there is none. */
export function createPool(options: WireOptions, queue: ExchangeQueue, ticks: Ticks): Pool {
  const connect = createConnector(originOf(options.url))
  const patience = patienceOf(options, ticks)
  const all = new Set<Connection>()
  const connecting = new Set<Connection>()
  /** The one used last is the last. */
  const unused: Connection[] = []
  let closing: PromiseWithResolvers<void> | undefined

  const connectMore = (): void => {
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
      const next = queue.take()
      if (next !== undefined) connection.begin(next)
      else if (closing !== undefined) connection.endIfUnused()
      else unused.push(connection)
    },
    onGone: (connection, { error, unanswered }) => {
      all.delete(connection)
      connecting.delete(connection)
      const at = unused.indexOf(connection)
      if (at !== -1) unused.splice(at, 1)
      if (unanswered !== undefined) {
        unanswered.wasRepeated = true
        queue.addFirst(unanswered)
      }
      // Nobody has to hear of it as long as there may still be one for each that waits.
      if (error !== undefined && queue.size() > connecting.size) queue.take()?.handler.onError(error)
      connectMore()
      settle()
    },
  }
  return {
    dispatch: (exchange) => {
      const connection = unused.pop()
      if (connection !== undefined) return connection.begin(exchange)
      queue.add(exchange)
      connectMore()
    },
    tick: () => {
      for (const connection of all) connection.tick()
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

function originOf(url: URL) {
  const isSecure = url.protocol === 'https:'
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port)
  return { isSecure, hostname: url.hostname.replace(/^\[|\]$/g, ''), port }
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
