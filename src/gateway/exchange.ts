import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** One request and its response, with a reliable word when the client is gone. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Calls back once when the connection is gone before the response has finished. */
  readonly onGone: (listener: () => void) => void
  readonly isGone: () => boolean
  /** The client went before a single byte of this response could be sent: another one was in front of it. */
  readonly wasNeverSent: () => boolean
  /** Resolves when the response has finished, with true, or the connection is gone, with false. To be asked once. */
  readonly over: () => Promise<boolean>
}

/**
 * Watches the connection itself, because a response that waits behind another one of the same connection (pipelining) has no
 * socket yet: Node neither closes nor drains it when the client goes.
 */
export function createExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const listeners: (() => void)[] = []
  let gone = request.socket.destroyed
  let neverSent = false
  let tell: ((isFinished: boolean) => void) | undefined
  const end = (): void => {
    if (gone || response.writableFinished) return
    gone = true
    neverSent = response.socket === null
    for (const listener of listeners) listener()
    tell?.(false)
    if (neverSent) closeUnassigned(response)
  }
  const forget = watch(request.socket, end)
  response.on('finish', () => {
    forget()
    tell?.(true)
  })
  return {
    request,
    response,
    onGone: (listener) => {
      if (gone) listener()
      else listeners.push(listener)
    },
    isGone: () => gone,
    wasNeverSent: () => neverSent,
    over: () =>
      new Promise((resolve) => {
        if (gone || response.writableFinished) resolve(response.writableFinished)
        else tell = resolve
      }),
  }
}

/** Exchanges under way, by connection: one listener for all of them costs less than one for each. */
const watched = new WeakMap<Socket, Set<() => void>>()

/** Calls back when the connection closes, until what it gives is called. */
function watch(socket: Socket, onClose: () => void): () => void {
  const watchers = watched.get(socket) ?? watchAll(socket)
  watchers.add(onClose)
  return () => watchers.delete(onClose)
}

function watchAll(socket: Socket): Set<() => void> {
  const watchers = new Set<() => void>()
  watched.set(socket, watchers)
  socket.once('close', () => {
    for (const onClose of watchers) onClose()
  })
  return watchers
}

function closeUnassigned(response: ServerResponse): void {
  response.destroy()
  response.emit('close')
}
