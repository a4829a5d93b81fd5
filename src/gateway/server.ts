import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { refusalResponse } from '../http/refusal-response.ts'
import { refuse, type Refusal } from '../policy/refusal.ts'
import { judgeHead, type ClientLimits } from './client-limits.ts'
import { countUnderWay, createHttp1Exchange, hasBody, isAnswering } from './exchange-http1.ts'
import type { Exchange } from './exchange.ts'

export interface ServerOptions {
  readonly limits: ClientLimits
  /** Answers a request. Never rejects. */
  readonly handle: (exchange: Exchange) => Promise<void>
  /** Told of a connection, or a stream of one, that the gate ends because of what the client does, or fails to do. */
  readonly onCut: (reason: CutReason) => void
}

/** `slow_request`: its head did not come in time; `slow_reader`: it took nothing of its answer. */
export type CutReason = 'slow_request' | 'slow_reader'

/**
 * The server of the data path for HTTP/1. It does not listen: connections are handed to it. Nothing listens for upgrades: `Upgrade: h2c`
 * (curl, cargo) is passed over.
 */
export function createHttp1Server({ limits, handle, onCut }: ServerOptions): Server {
  const { headersTimeoutMs, keepAliveTimeoutMs, stallTimeoutMs, maxHeadBytes, maxRequests } = limits
  const server = createServer({
    maxHeaderSize: maxHeadBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: headersTimeoutMs * 2,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: checkingInterval(headersTimeoutMs),
  })
  // All of them are counted; those beyond Node's limit would be missing.
  server.maxHeadersCount = 0
  const connections = new WeakMap<Socket, Connection>()
  const connectionOf = (socket: Socket): Connection => {
    const known = connections.get(socket)
    if (known !== undefined) return known
    const made = { requests: 0, isEnding: false }
    connections.set(socket, made)
    return made
  }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = connectionOf(request.socket)
    // Refused with the connection, whatever it asks for; what stands behind it came in one piece with it and is nobody's request.
    if (connection.isEnding) return
    connection.requests++
    if (hasBody(request)) connection.isEnding = true
    if (connection.requests >= maxRequests || countUnderWay(request.socket) >= MOST_UNDER_WAY - 1) {
      connection.isEnding = true
      response.shouldKeepAlive = false
    }
    const flaw = judgeHead(request.url ?? '', request.rawHeaders, limits)
    void handle(createHttp1Exchange(request, response, flaw))
  }
  server.on('request', answer)
  // Nobody is told to go on and send a body: there is no use for one here.
  server.on('checkContinue', answer)
  server.on('checkExpectation', answer)
  server.on('clientError', (error: BrokenRequest, socket: Socket) => {
    if (error.code === TIMED_OUT) onCut('slow_request')
    answerBrokenRequest(error, socket)
  })
  server.setTimeout(stallTimeoutMs, (socket) => {
    if (countUnderWay(socket) === 0) return void socket.destroy()
    // Time that the storage, or the gate, takes is not the client's.
    if (socket.writableLength === 0) return void socket.setTimeout(stallTimeoutMs)
    onCut('slow_reader')
    socket.destroy()
  })
  return server
}

/** Requests of one connection that may be under way, as HTTP/2 has it. Clients that send some ahead (pipelining) send about ten, apt among them. */
const MOST_UNDER_WAY = 128

interface Connection {
  requests: number
  /** No further request of it is looked at. */
  isEnding: boolean
}

/** Connections are looked at so often. */
function checkingInterval(headersTimeoutMs: number): number {
  return Math.min(5_000, Math.max(50, Math.ceil(headersTimeoutMs / 10)))
}

type BrokenRequest = Error & { readonly code?: string; readonly rawPacket?: Buffer }

const TIMED_OUT = 'ERR_HTTP_REQUEST_TIMEOUT'

/**
 * Bytes that are no request: answered once where that is still possible, and the connection is not used again. While another answer is under
 * way it is not: what is said now would stand inside of that one.
 */
function answerBrokenRequest(error: BrokenRequest, socket: Socket): void {
  const isPossible = socket.writable && error.code !== 'ECONNRESET' && !isAnswering(socket)
  if (!isPossible) return void socket.destroy()
  const context = { challenge: false, form: undefined, accept: undefined, close: true }
  const { status, reason, headers, body } = refusalResponse(refusalOf(error), context)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body.toString()}`)
}

/** How connections begin that a proxy passes on as it was told not to here. */
const PROXY_HEADER = /^(?:PROXY |\r\n\r\n\0\r\nQUIT\n)/

function refusalOf({ code, rawPacket }: BrokenRequest): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return refuse('head_too_large', { why: 'its head is too long' })
  if (code === TIMED_OUT) return refuse('request_too_slow')
  const isProxied = rawPacket !== undefined && PROXY_HEADER.test(rawPacket.toString('latin1', 0, 12))
  const why = isProxied
    ? 'it begins with a PROXY header, which is not expected here (proxy_protocol is off)'
    : 'it is no HTTP request'
  return refuse('request_malformed', { why })
}
