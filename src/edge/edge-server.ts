import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { DecideForFront, FrontRequest } from '../gateway/offload/decide-for-front.ts'
import { refusalResponse } from '../http/refusal-response.ts'
import { refuse } from '../policy/refusal.ts'
import { answerFront } from './answer.ts'
import { DIALECTS, type Dialect, type Original } from './dialects.ts'
import { isSpeltPlainly } from './plain-spelling.ts'

export interface EdgeOptions {
  readonly decide: DecideForFront
  /** True for an address from which fronts ask. Whoever may ask chooses the address that a client counts as. */
  readonly isPeer: (address: string) => boolean
}

const HEAD_TIMEOUT_MS = 10_000
/** Longer than fronts keep a connection by themselves. */
const KEEP_ALIVE_MS = 120_000
/** Requests of 16 KiB, and what the front adds to them. */
const LONGEST_HEAD_BYTES = 32_768
/** Of a connection over a Unix socket, which has no addresses: who may open it may ask. */
export const LOCAL_PEER = '127.0.0.1'

/**
 * The listener for fronts that ask before they serve a file themselves, not listening yet. A connection from anywhere but a peer is closed
 * unread. A question that can't be understood is answered with 403, so that a front that is set up wrongly serves nothing.
 */
export function createEdgeServer({ decide, isPeer }: EdgeOptions): Server {
  const server = createServer({
    maxHeaderSize: LONGEST_HEAD_BYTES,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: HEAD_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  })
  server.on('connection', (socket) => {
    // Of a connection that was reset meanwhile nobody knows any more whose it was, although what it said can still be read.
    if (typeof server.address() !== 'string' && !isPeer(socket.remoteAddress ?? '')) socket.destroy()
  })
  server.on('request', (request, response) => {
    const dialect = dialectOf(request)
    const original = dialect?.read(request)
    if (dialect === undefined || original === undefined) return misunderstand(response, dialect)
    // What was not answered is not delivered.
    decideFor(decide, request, response, dialect, original).catch(() => response.destroy())
  })
  return server
}

function dialectOf({ url = '' }: IncomingMessage): Dialect | undefined {
  const [, name = ''] = /^\/([a-z]+)(?:[/?]|$)/.exec(url) ?? []
  return DIALECTS.get(name)
}

async function decideFor(
  decide: DecideForFront,
  request: IncomingMessage,
  response: ServerResponse,
  dialect: Dialect,
  original: Original,
): Promise<void> {
  const asked = questionOf(request, response, dialect, original)
  if (asked === undefined) return misunderstand(response, dialect)
  const decision = await decide(asked, dialect.gate !== 'status')
  answerFront(response, dialect, decision)
}

/** undefined: the front did not say who asks. */
function questionOf(
  request: IncomingMessage,
  response: ServerResponse,
  { gate }: Dialect,
  { method, target, host }: Original,
): FrontRequest | undefined {
  const forwarded = request.headers['x-forwarded-for']
  if (forwarded === undefined || forwarded === '') return undefined
  return {
    method,
    target,
    host,
    headers: { ...request.headers, host },
    rawHeaders: credentials(request.rawHeaders),
    peer: request.socket.remoteAddress ?? LOCAL_PEER,
    forwardedFor: typeof forwarded === 'string' ? forwarded : forwarded.join(','),
    accepts: gate === 'never' ? (path) => isSpeltPlainly(target, path) : undefined,
    isGone: () => response.destroyed,
    onGone: (listener) => {
      response.once('close', () => {
        if (!response.writableFinished) listener()
      })
    },
  }
}

/** Of the client's own headers; those of the front say nothing about who it is. */
function credentials(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)]?.toLowerCase()
    return name === 'authorization' || name === 'x-api-key'
  })
}

const CONTEXT = { challenge: false, form: undefined, accept: undefined, close: false }
const MISUNDERSTOOD = refusalResponse(
  refuse('request_malformed', { why: 'the proxy in front does not say who asks for what' }),
  CONTEXT,
)

function misunderstand(response: ServerResponse, dialect: Dialect | undefined): void {
  answerFront(response, dialect ?? UNKNOWN, { kind: 'refused', response: MISUNDERSTOOD })
}

const UNKNOWN: Dialect = { read: () => undefined, gate: 'status' }
