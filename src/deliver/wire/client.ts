import { WireError } from './errors.ts'
import { createExchangeQueue } from './exchange-queue.ts'
import type { AnswerHandler, Exchange, Flow } from './exchange.ts'
import type { WireOptions } from './options.ts'
import { createPool } from './pool.ts'
import { renderRequest, type WireRequest } from './request.ts'
import { createTicks } from './ticks.ts'

/** Asks one storage. */
export interface WireClient {
  /**
   * Asks for one answer; its handler hears of it, an error among that, perhaps at once. What waits for a connection is asked in the order
   * in which it came, but of each customer in turn. The head comes within the time for connecting and that for headers together, or not at all.
   */
  readonly ask: (request: WireRequest, handler: AnswerHandler, customer?: string) => Flow
  /** Takes no more requests; resolves when those under way have ended and no connection is left. Safe to call twice. */
  readonly close: () => Promise<void>
}

/**
 * A client of HTTP/1.1 for GET and HEAD, one request at a time on each connection. The connection used last is used first, so that the
 * others can be closed. A request whose connection is closed before the first byte of an answer is asked once more, on a new connection:
 * GET and HEAD are safe.
 */
export function createWireClient(options: WireOptions): WireClient {
  const ticks = createTicks(tickMs(options), () => {
    for (const { handler } of queue.takeLate(ticks.now())) handler.onError(noneFree())
    pool.tick()
  })
  const queue = createExchangeQueue()
  const pool = createPool(options, queue, ticks)
  const headDue = ticks.count(options.connectTimeoutMs) + ticks.count(options.headersTimeoutMs)
  let closing: Promise<void> | undefined

  const send = (
    request: string,
    method: 'GET' | 'HEAD',
    handler: AnswerHandler,
    customer: string | undefined,
  ): Flow => {
    const flow: Flow = {
      pause: () => exchange.connection?.pause(),
      resume: () => exchange.connection?.resume(),
      abort: () => {
        queue.remove(exchange)
        exchange.connection?.abort()
      },
    }
    ticks.start()
    const due = ticks.now() + headDue
    const exchange: Exchange = {
      method,
      request,
      handler,
      flow,
      customer,
      due,
      connection: undefined,
      wasRepeated: false,
    }
    pool.dispatch(exchange)
    return flow
  }
  return {
    ask: (request, handler, customer) => {
      const text = renderRequest(request, options.url.host)
      if (text !== undefined && closing === undefined) return send(text, request.method, handler, customer)
      handler.onError(closing === undefined ? unsendable() : closed())
      return NO_FLOW
    },
    close: () => (closing ??= pool.close()),
  }
}

const nothing = (): void => undefined
const NO_FLOW: Flow = { pause: nothing, resume: nothing, abort: nothing }

/** Fine enough for the shortest time limit, and no finer than is worth waking up for. */
function tickMs({ connectTimeoutMs, headersTimeoutMs, idleTimeoutMs }: WireOptions): number {
  const shortest = Math.min(connectTimeoutMs, headersTimeoutMs, idleTimeoutMs)
  return Math.min(250, Math.max(5, Math.floor(shortest / 20)))
}

function noneFree(): WireError {
  return new WireError('late', 'no connection to the storage became free in time')
}

function unsendable(): WireError {
  return new WireError('unsendable', 'a request with odd characters is not sent to the storage')
}

function closed(): WireError {
  return new WireError('closed', 'no more is asked of this storage')
}
