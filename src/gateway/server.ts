import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { refusalResponse } from '../http/refusal-response.ts'
import { refuse } from '../policy/refusal.ts'
import { hasBody } from './request-body.ts'

/** Time for the head of a request to arrive: clients have it ready, and whoever dribbles it holds a connection. */
const HEAD_TIMEOUT_MS = 30_000
/** Package clients come back on the same connection after a while; 5 s, Node's default, races with them (apt, npm, bundler). */
const KEEP_ALIVE_MS = 75_000
/** Longest time in which a connection neither takes nor gives a byte. */
const IDLE_MS = 180_000
const LONGEST_HEAD_BYTES = 16_384

/**
 * The listener of the data path, not listening yet. Wraps `handle`, which never rejects. Nothing listens for upgrades: `Upgrade: h2c`
 * (curl, cargo) is passed over.
 */
export function createGatewayServer(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  const server = createServer({
    maxHeaderSize: LONGEST_HEAD_BYTES,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: HEAD_TIMEOUT_MS * 2,
    keepAliveTimeout: KEEP_ALIVE_MS,
  })
  server.setTimeout(IDLE_MS)
  const ending = new WeakSet<Socket>()
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    // Refused with the connection, whatever it asks for; what stands behind it came in one piece with it and is nobody's request.
    if (ending.has(request.socket)) return
    if (hasBody(request)) ending.add(request.socket)
    void handle(request, response)
  }
  server.on('request', answer)
  // Nobody is told to go on and send a body: there is no use for one here.
  server.on('checkContinue', answer)
  server.on('checkExpectation', answer)
  server.on('clientError', answerBrokenRequest)
  return server
}

/** Bytes that are no request: answered once where that is still possible, and the connection is not used again. */
function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const why =
    error.code === 'HPE_HEADER_OVERFLOW' ? 'its head is longer than 16 KiB' : 'it is no HTTP request'
  const context = { challenge: false, form: undefined, accept: undefined, close: true }
  const { status, reason, headers, body } = refusalResponse(refuse('request_malformed', { why }), context)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body.toString()}`)
}
