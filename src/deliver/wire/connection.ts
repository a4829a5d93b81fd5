import { createAnswerReader } from './answer-reader.ts'
import { WireError } from './errors.ts'
import type { Exchange, Flow } from './exchange.ts'
import type { ResponseHead } from './parse-head.ts'
import type { Transport, TransportEvents } from './transport.ts'

/** One connection to a storage, and one exchange at a time on it. */
export interface Connection extends Flow {
  /** Sends a request. Only when it is free. */
  readonly begin: (exchange: Exchange) => void
  /** To be called with every tick. Gives up what is late. */
  readonly tick: () => void
  /** Ends it, unless something is under way on it. */
  readonly endIfUnused: () => void
  readonly address: Transport['address']
}

/** Whom the connection works for. */
export interface ConnectionOwner {
  /** It is connected, or an exchange has ended on it: it takes the next one. */
  readonly onFree: (connection: Connection) => void
  /** It is no more. */
  readonly onGone: (connection: Connection, loss: Loss) => void
}

/** What is lost with a connection. */
interface Loss {
  /** There never was a connection, and why. */
  readonly error?: Error
  /** To be asked once more: it was closed before it answered anything. A kept connection often was, long before (RFC 9112 §9.5). */
  readonly unanswered?: Exchange
}

/** How long what may take, in ticks. */
export interface Patience {
  readonly connect: number
  readonly headers: number
  readonly idle: number
  /** Until an unused connection is closed, for the storage's hint `timeout=` in seconds, if it gave one. */
  readonly unused: (hintSeconds: number | undefined) => number
}

/** The tick that it is. */
export type TickClock = () => number

/** `taken`: the answer is whole, but its last bytes are still lent. */
type State = 'connecting' | 'free' | 'asked' | 'answering' | 'taken' | 'gone'

const LARGE_BODY = 64 * 1024

export function createConnection(
  connect: (events: TransportEvents) => Transport,
  owner: ConnectionOwner,
  patience: Patience,
  now: TickClock,
): Connection {
  const reader = createAnswerReader()
  let state: State = 'connecting'
  let due = now() + patience.connect
  let exchange: Exchange | undefined
  let isPaused = false
  let hasHeard = false
  /** Read, but behind what is lent. */
  let rest: { readonly buffer: Buffer; readonly at: number; readonly end: number } | undefined

  const leave = (loss: Loss = {}): void => {
    state = 'gone'
    if (exchange !== undefined) exchange.connection = undefined
    exchange = undefined
    rest = undefined
    transport.destroy()
    owner.onGone(connection, loss)
  }
  const fail = (error: WireError): void => {
    if (state === 'gone') return
    if (state === 'connecting') return leave({ error })
    const failed = state === 'taken' ? undefined : exchange
    const isUnanswered = state === 'asked' && !hasHeard && error.code === 'cut'
    if (isUnanswered && failed?.wasRepeated === false) return leave({ unanswered: failed })
    leave()
    failed?.handler.onError(error)
  }
  const free = (): void => {
    if (exchange !== undefined) exchange.connection = undefined
    exchange = undefined
    state = 'free'
    due = now() + patience.unused(hintOf(reader.found.head))
    owner.onFree(connection)
  }

  const enter = (asked: Exchange): void => {
    const { head } = reader.found
    state = 'answering'
    due = now() + patience.idle
    if (typeof head.framing !== 'number' || head.framing > LARGE_BODY) transport.enlarge()
    asked.handler.onHead(head, asked.flow)
  }
  /** `isClean`: nothing follows that was not asked for. */
  const finish = (asked: Exchange, isClean: boolean): void => {
    asked.handler.onEnd()
    if (state !== 'answering') return
    if (!isClean || !reader.found.head.isPersistent) return leave()
    if (!isPaused) return free()
    state = 'taken'
    due = Infinity
  }
  /** Reads up to the next event; false when there is no more to do for now. */
  const step = (buffer: Buffer, at: number, end: number): boolean => {
    if (exchange === undefined) return false
    if (isPaused && at < end) {
      rest = { buffer, at, end }
      return false
    }
    const { found } = reader
    switch (reader.next(buffer, at, end)) {
      case 'head':
        enter(exchange)
        return true
      case 'data':
        exchange.handler.onData(buffer.subarray(found.from, found.at))
        return true
      case 'end':
        finish(exchange, found.at === end)
        return false
      case 'malformed':
        fail(new WireError('malformed', `the storage sent ${found.why}`))
        return false
      case 'more':
        return false
    }
  }
  const consume = (buffer: Buffer, start: number, end: number): void => {
    let at = start
    while (step(buffer, at, end)) ({ at } = reader.found)
  }
  const isHeld = (): boolean => isPaused || state === 'gone'

  const transport = connect({
    onConnect: () => {
      if (state === 'connecting') free()
    },
    onBytes: (buffer, length) => {
      // Unasked for: whatever it is, it is no answer to what will be asked.
      if (exchange === undefined || state === 'taken') return state === 'gone' ? undefined : leave()
      hasHeard = true
      if (state === 'answering') due = now() + patience.idle
      consume(buffer, 0, length)
    },
    onEnd: () => {
      if (state === 'answering' && exchange !== undefined && reader.mayEnd()) finish(exchange, false)
      else fail(broken(state))
    },
    onClose: (error) => fail(broken(state, error)),
  })

  const connection: Connection = {
    begin: (next) => {
      state = 'asked'
      exchange = next
      next.connection = connection
      hasHeard = false
      due = Math.min(next.due, now() + patience.headers)
      reader.begin(next.method)
      transport.write(next.request)
    },
    pause: () => {
      if (isPaused || state === 'gone') return
      isPaused = true
      due = Infinity
      transport.pause()
    },
    resume: () => {
      if (!isPaused || state === 'gone') return
      isPaused = false
      due = now() + patience.idle
      if (rest !== undefined) {
        const { buffer, at, end } = rest
        rest = undefined
        consume(buffer, at, end)
      }
      if (isHeld()) return
      transport.resume()
      if (state === 'taken') free()
    },
    abort: () => {
      if (state !== 'gone') leave()
    },
    tick: () => {
      if (now() < due) return
      if (state === 'free') leave()
      else fail(late(state))
    },
    endIfUnused: () => {
      if (state === 'free') leave()
    },
    address: transport.address,
  }
  return connection
}

function late(state: State): WireError {
  if (state === 'connecting') return new WireError('late', 'no connection to the storage was made in time')
  if (state === 'asked') return new WireError('late', 'the storage did not begin to answer in time')
  return new WireError('silent', 'the storage fell silent inside a body')
}

function broken(state: State, cause?: Error): WireError {
  if (state === 'connecting')
    return new WireError('unreachable', `no connection to the storage: ${nameOf(cause)}`, cause)
  const where = state === 'answering' ? 'inside a body' : 'before it answered'
  return new WireError('cut', `the storage broke off ${where}: ${nameOf(cause)}`, cause)
}

/** An error for several addresses at once has no message, but a code. */
function nameOf(error: Error | undefined): string {
  if (error === undefined) return 'it closed the connection'
  return error.message === '' && 'code' in error ? String(error.code) : error.message
}

const TIMEOUT = /(?:^|[,\s])timeout\s*=\s*"?(\d{1,6})(?:$|\D)/i

/** In seconds. Not in a standard, but what servers send that close early. */
function hintOf({ headers }: ResponseHead): number | undefined {
  const hint = headers['keep-alive']
  const [, seconds] = hint === undefined ? [] : (TIMEOUT.exec(String(hint)) ?? [])
  return seconds === undefined ? undefined : Number(seconds)
}
