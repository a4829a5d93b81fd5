import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Refusal } from '../policy/refusal.ts'
import { createDeparture, type Exchange, type Reply, type RequestHead } from './exchange.ts'

/**
 * An exchange of HTTP/1. Watches the connection itself, because a response that waits behind another one of the same connection
 * (pipelining) has no socket yet: Node neither closes nor drains it when the client goes.
 */
export function createHttp1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  flaw: Refusal | undefined,
): Exchange {
  const departure = createDeparture(request.socket.destroyed, () => response.writableFinished)
  let neverSent = false
  const leave = (): void => {
    if (departure.isGone() || response.writableFinished) return
    neverSent = response.socket === null
    departure.leave()
    if (neverSent) closeUnassigned(response)
  }
  const forget = watch(request.socket, response, leave)
  response.on('finish', () => {
    forget()
    departure.finish()
  })
  const { onGone, isGone, over } = departure
  return {
    request: readHead(request, flaw),
    reply: replyOf(response),
    onGone,
    isGone,
    wasNeverSent: () => neverSent,
    over,
  }
}

function readHead(request: IncomingMessage, flaw: Refusal | undefined): RequestHead {
  const { method = '', url = '', headers, rawHeaders, socket } = request
  const peer = socket.remoteAddress ?? ''
  return {
    method,
    target: url,
    host: headers.host,
    headers,
    rawHeaders,
    peer,
    hasBody: hasBody(request),
    body: () => request as AsyncIterable<Buffer>,
    flaw,
  }
}

/** A body would be left on the connection, where it could pass for the next request (request smuggling). */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function replyOf(response: ServerResponse): Reply {
  return {
    begin: (status, reason, headers) => {
      if (reason === undefined) response.writeHead(status, [...headers])
      else response.writeHead(status, reason, [...headers])
    },
    begun: () => (response.headersSent || response.destroyed ? response.statusCode : undefined),
    body: response,
    cut: () => void response.destroy(),
    ownsConnection: true,
  }
}

/** Answers under way and who hears of their end, by connection: one listener for all of them costs less than one for each. */
const watched = new WeakMap<Socket, Map<ServerResponse, () => void>>()

/** Calls back when the connection closes, until what it gives is called. */
function watch(socket: Socket, response: ServerResponse, onClose: () => void): () => void {
  const watchers = watched.get(socket) ?? watchAll(socket)
  watchers.set(response, onClose)
  return () => watchers.delete(response)
}

/** Requests of the connection that have not been answered to their end. */
export function countUnderWay(socket: Socket): number {
  return watched.get(socket)?.size ?? 0
}

/** Whether an answer of the connection has begun and not ended. */
export function isAnswering(socket: Socket): boolean {
  return (
    watched
      .get(socket)
      ?.keys()
      .some(({ headersSent }) => headersSent) ?? false
  )
}

function watchAll(socket: Socket): Map<ServerResponse, () => void> {
  const watchers = new Map<ServerResponse, () => void>()
  watched.set(socket, watchers)
  socket.once('close', () => {
    for (const onClose of watchers.values()) onClose()
  })
  return watchers
}

function closeUnassigned(response: ServerResponse): void {
  response.destroy()
  response.emit('close')
}
