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
}

/**
 * Watches the connection itself, because a response that waits behind another one of the same connection (pipelining) has no
 * socket yet: Node neither closes nor drains it when the client goes.
 */
export function createExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const { socket } = request
  const listeners: (() => void)[] = []
  let gone = socket.destroyed
  let neverSent = false
  const end = (): void => {
    if (gone || response.writableFinished) return
    gone = true
    neverSent = response.socket === null
    for (const listener of listeners) listener()
    if (neverSent) closeUnassigned(response)
  }
  watch(socket, response, end)
  return {
    request,
    response,
    onGone: (listener) => {
      if (gone) listener()
      else listeners.push(listener)
    },
    isGone: () => gone,
    wasNeverSent: () => neverSent,
  }
}

function watch(socket: Socket, response: ServerResponse, end: () => void): void {
  socket.once('close', end)
  response.once('finish', () => socket.off('close', end))
}

function closeUnassigned(response: ServerResponse): void {
  response.destroy()
  response.emit('close')
}
