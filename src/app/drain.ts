import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'

/**
 * Ends a server: it lets go of its port at once, and resolves when its last connection is gone. A connection goes when its answer has
 * been sent to the last byte; one without an answer under way after `lingerMs`, in which it may ask once more; any other when `patienceMs`
 * are over. Safe for a server that does not listen.
 */
export type Drain = (patienceMs: number, lingerMs: number) => Promise<void>

/** What stands before a server that does not listen itself. */
export interface Front {
  /** Listens. */
  readonly server: NetServer
  /** Ends connections that have not come to the server yet. */
  readonly endPending: () => void
  readonly endAll: () => void
  /** Has the sessions of HTTP/2 take no further request, and end behind their last answer. */
  readonly endSessions: () => void
}

/** A request that expects something comes as another event. */
const REQUEST_EVENTS = ['request', 'checkContinue', 'checkExpectation'] as const

/**
 * Follows the connections of a server that does not listen yet. Node's own ways to close one cut too much for a gate: a connection whose
 * client has not yet sent its request, and one whose answer is written but still on its way to a slow client.
 */
export function createDrain(server: Server, front?: Front): Drain {
  const listener = front?.server ?? server
  /** Answers under way, by connection. */
  const connections = new Map<Socket, number>()
  let isDraining = false
  let isLingering = false

  const endIfIdle = (socket: Socket): void => {
    if (isDraining && !isLingering && connections.get(socket) === 0) socket.destroySoon()
  }
  const count = (socket: Socket, change: 1 | -1): void => {
    const before = connections.get(socket)
    if (before !== undefined) connections.set(socket, before + change)
  }
  server.on('connection', (socket) => {
    connections.set(socket, 0)
    socket.once('close', () => connections.delete(socket))
  })
  const onRequest: RequestListener = ({ socket }, response) => {
    if (isDraining) response.shouldKeepAlive = false
    count(socket, 1)
    response.once('close', () => {
      count(socket, -1)
      endIfIdle(socket)
    })
  }
  for (const event of REQUEST_EVENTS) {
    // Node answers these by itself as long as nobody listens.
    if (event === 'request' || server.listenerCount(event) > 0) server.prependListener(event, onRequest)
  }
  return async (patienceMs, lingerMs) => {
    if (!listener.listening) return
    isDraining = true
    isLingering = true
    const closed = once(listener, 'close')
    NetServer.prototype.close.call(listener)
    const linger = setTimeout(
      () => {
        isLingering = false
        for (const socket of connections.keys()) endIfIdle(socket)
        front?.endPending()
        front?.endSessions()
      },
      Math.min(lingerMs, patienceMs),
    )
    const endAll = front?.endAll ?? (() => server.closeAllConnections())
    const cut = setTimeout(endAll, patienceMs)
    await closed
    clearTimeout(linger)
    clearTimeout(cut)
  }
}
