import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { withoutZone } from './name-check.ts'

/** The way to a storage's host. */
export interface Origin {
  readonly isSecure: boolean
  /** A name or an address, without brackets. */
  readonly hostname: string
  readonly port: number
  /** How long one of several addresses is tried until the next one is. */
  readonly attemptMs: number
  /** Default: as the system does. */
  readonly lookup: LookupFunction | undefined
}

/** The bytes of one connection, without HTTP. */
export interface Transport {
  /** In one piece. Latin-1. */
  readonly write: (text: string) => void
  /** Nothing is read until `resume`, and the bytes of the last `onBytes` stay as they are. */
  readonly pause: () => void
  readonly resume: () => void
  /** A long body follows: from the next read on as much as possible is read at once. */
  readonly enlarge: () => void
  /** Ends it at once. Only `onClose` follows. */
  readonly destroy: () => void
  /** Where it leads, as `lookup` writes it; undefined when it is not connected. */
  readonly address: () => string | undefined
}

export interface TransportEvents {
  readonly onConnect: () => void
  /**
   * Bytes lie in `buffer` from 0 to `length`. They are lent: the next read overwrites them. None happens before this returns, and none as
   * long as the transport is paused.
   */
  readonly onBytes: (buffer: Buffer, length: number) => void
  /** The other side sends no more. */
  readonly onEnd: () => void
  /** Once, last of all, also when there was never a connection. */
  readonly onClose: (error: Error | undefined) => void
}

/** Read at once: enough for the head and body of a small file. */
const SMALL_BYTES = 64 * 1024
/** Read at once in long bodies. Twice as much takes a few per cent less CPU, half as much a fifth more. */
const LARGE_BYTES = 512 * 1024
/** So many connections of one storage may have that much memory each; the others have to do with less. */
const MOST_LARGE = 32
const MEDIUM_BYTES = 128 * 1024
/** Idle time until TCP asks whether the other side is still there. */
const PROBE_AFTER_MS = 60_000

/** Connects by name or address, as `net.connect` does: to one address of a name after the other, of both families in turn (RFC 8305); over TLS the name is verified and a session is used again. */
export function createConnector(origin: Origin): (events: TransportEvents) => Transport {
  return origin.isSecure ? createTlsConnector(origin) : createPlainConnector(origin)
}

function createPlainConnector(origin: Origin): (events: TransportEvents) => Transport {
  let large = 0
  return (events) => {
    const memory = createMemory(() => {
      if (large === MOST_LARGE) return false
      large++
      return true
    })
    const onClose = (error: Error | undefined): void => {
      if (memory.isLarge()) large--
      events.onClose(error)
    }
    return connectPlain(origin, memory, { ...events, onClose })
  }
}

/** Where a connection reads into. */
interface Memory {
  readonly current: () => Buffer
  /** Before each read: takes the larger buffer that was asked for. The one before it is left to whom it is lent. */
  readonly renew: () => Buffer
  readonly enlarge: () => void
  readonly isLarge: () => boolean
}

function createMemory(mayBeLarge: () => boolean): Memory {
  let current: Buffer = Buffer.allocUnsafeSlow(SMALL_BYTES)
  let next = current
  return {
    current: () => current,
    renew: () => (current = next),
    enlarge: () => {
      if (next.length === LARGE_BYTES) return
      if (mayBeLarge()) next = Buffer.allocUnsafeSlow(LARGE_BYTES)
      else if (next.length < MEDIUM_BYTES) next = Buffer.allocUnsafeSlow(MEDIUM_BYTES)
    },
    isLarge: () => next.length === LARGE_BYTES,
  }
}

/**
 * Reads into memory of its own, again and again: no chunk is allocated, faulted in and collected. Node reads into it again only after
 * the callback, and not after one that returned false, until the socket is resumed.
 */
function connectPlain(origin: Origin, memory: Memory, events: TransportEvents): Transport {
  let isPaused = false
  let isReading = false
  const onread = {
    buffer: memory.renew,
    callback: (length: number): boolean => {
      isReading = true
      events.onBytes(memory.current(), length)
      isReading = false
      return !isPaused
    },
  }
  const socket = connect({
    ...targetOf(origin),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MS,
    onread,
  })
  watch(socket, 'connect', events)
  return {
    write: (text) => void socket.write(text, 'latin1'),
    pause: () => {
      isPaused = true
      if (!isReading) socket.pause()
    },
    resume: () => {
      isPaused = false
      if (!isReading) socket.resume()
    },
    enlarge: memory.enlarge,
    destroy: () => void socket.destroy(),
    address: () => addressOf(socket),
  }
}

/**
 * Each piece is memory of its own: what OpenSSL has decrypted comes out of it even while reading is stopped, and would be written over
 * bytes that are still lent.
 */
function createTlsConnector(origin: Origin): (events: TransportEvents) => Transport {
  const { hostname: host } = origin
  const name = isIP(host) === 0 ? { servername: host } : {}
  let session: Buffer | undefined
  return (events) => {
    const socket = connectTls({
      ...targetOf(origin),
      ALPNProtocols: ['http/1.1'],
      ...name,
      ...(session && { session }),
    })
    socket.setNoDelay(true)
    socket.setKeepAlive(true, PROBE_AFTER_MS)
    socket.on('session', (latest) => (session = latest))
    socket.on('data', (chunk: Buffer) => events.onBytes(chunk, chunk.length))
    watch(socket, 'secureConnect', events)
    return {
      write: (text) => void socket.write(text, 'latin1'),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      enlarge: () => undefined,
      destroy: () => void socket.destroy(),
      address: () => addressOf(socket),
    }
  }
}

function targetOf({ hostname: host, port, attemptMs, lookup }: Origin) {
  const several = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs }
  return { host, port, ...several, ...(lookup && { lookup }) }
}

function addressOf({ remoteAddress }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : withoutZone(remoteAddress)
}

function watch(
  socket: Socket,
  connected: 'connect' | 'secureConnect',
  { onConnect, onEnd, onClose }: TransportEvents,
): void {
  let failure: Error | undefined
  socket.once(connected, onConnect)
  socket.on('error', (error) => (failure ??= error))
  socket.once('end', onEnd)
  socket.once('close', () => onClose(failure))
}
