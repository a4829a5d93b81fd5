import { createServer, type Server, type Socket } from 'node:net'
import type { CertificateSet } from './certificates.ts'
import { readProxied } from './proxied.ts'
import { createTlsSide, type Protocol } from './tls.ts'

/**
 * Why a connection was ended before a request of it was read. `too_many`, `too_many_from_address`: there are enough; `no_proxy`: its other end
 * is no trusted proxy, or sent no PROXY header that can be read; `handshake`: TLS came to nothing.
 */
export type DoorCut = 'too_many' | 'too_many_from_address' | 'no_proxy' | 'handshake'

export interface DoorOptions {
  /** undefined: connections are plain. */
  readonly tls:
    | { readonly certificates: () => CertificateSet; readonly protocols: readonly Protocol[] }
    | undefined
  /** Whether a PROXY header of this address is believed; each connection has to begin with one then. */
  readonly isProxy: ((address: string) => boolean) | undefined
  /** For the PROXY header, and again for the handshake. */
  readonly handshakeTimeoutMs: number
  readonly maxConnections: number
  /** Of one client address, as `countedAs` has it. */
  readonly maxPerAddress: number
  /** What an address counts as; undefined: it is not counted, for it stands for many clients. */
  readonly countedAs: (address: string) => string | undefined
  /** A connection is ready for requests. */
  readonly onConnection: (socket: Socket, protocol: Protocol) => void
  readonly onCut: (reason: DoorCut, why?: string) => void
}

/** What listens for connections, and hands over those that may go on. */
export interface Door {
  /** Not listening yet. */
  readonly server: Server
  readonly open: () => number
  /** Ends what has not been handed over. */
  readonly endPending: () => void
  readonly endAll: () => void
}

/** The way of a connection to the server that speaks HTTP on it: counted, its PROXY header read, its TLS begun. */
export function createDoor(options: DoorOptions): Door {
  const { tls, isProxy, onCut, onConnection } = options
  const sockets = new Set<Socket>()
  const pending = new Set<Socket>()
  const counts = new Map<string, number>()

  const cut = (socket: Socket, reason: DoorCut, why?: string): void => {
    onCut(reason, why)
    socket.destroy()
  }
  const isAdmitted = (socket: Socket, address: string | undefined): boolean => {
    const key = address === undefined ? undefined : options.countedAs(address)
    if (key === undefined) return true
    const count = (counts.get(key) ?? 0) + 1
    if (count > options.maxPerAddress) return false
    counts.set(key, count)
    socket.once('close', () => {
      const left = (counts.get(key) ?? 0) - 1
      if (left > 0) counts.set(key, left)
      else counts.delete(key)
    })
    return true
  }
  const handOver = (raw: Socket, socket: Socket, protocol: Protocol): void => {
    pending.delete(raw)
    onConnection(socket, protocol)
  }
  const secure = tls && beginTls(options, tls, handOver)
  /** `source`: whom a proxy speaks for. */
  const enter = (socket: Socket, source: string | undefined): void => {
    if (!isAdmitted(socket, source ?? socket.remoteAddress)) return cut(socket, 'too_many_from_address')
    if (source !== undefined) setPeer(socket, source)
    if (secure === undefined) handOver(socket, socket, 'http/1.1')
    else secure(socket)
  }
  const accept = (socket: Socket): void => {
    if (sockets.size >= options.maxConnections) return cut(socket, 'too_many')
    sockets.add(socket)
    pending.add(socket)
    socket.on('error', ignore)
    socket.once('close', () => {
      sockets.delete(socket)
      pending.delete(socket)
    })
    if (isUnix) setPeer(socket, UNIX_PEER)
    const { remoteAddress } = socket
    // It is gone already: nobody knows any more who it was.
    if (remoteAddress === undefined) return void socket.destroy()
    if (isProxy === undefined) return enter(socket, undefined)
    if (!isProxy(remoteAddress)) return cut(socket, 'no_proxy', `${remoteAddress} is no trusted proxy`)
    readProxied(socket, options.handshakeTimeoutMs, {
      onSource: (source) => enter(socket, source),
      onMalformed: (why) => cut(socket, 'no_proxy', why),
    })
  }
  const endEach = (those: ReadonlySet<Socket>): void => those.forEach((socket) => void socket.destroy())
  // As Node's own servers have it: over plain HTTP, a client may end its side and still wait for an answer.
  const server = createServer({ allowHalfOpen: tls === undefined, noDelay: true }, accept)
  let isUnix = false
  server.once('listening', () => {
    const address = server.address()
    // Of a Unix socket that systemd listens on, Node does not know the path.
    isUnix = address === null || typeof address === 'string'
  })
  return {
    server,
    open: () => sockets.size,
    endPending: () => endEach(pending),
    endAll: () => endEach(sockets),
  }
}

/** Whoever connects to a Unix socket is on this machine, like who connects to the loopback address. */
const UNIX_PEER = '127.0.0.1'

function ignore(): void {}

/** From here on the connection is that of whom the proxy speaks for, to all who ask it. */
function setPeer(socket: Socket, address: string): void {
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true })
}

function beginTls(
  { handshakeTimeoutMs, onCut }: DoorOptions,
  { certificates, protocols }: NonNullable<DoorOptions['tls']>,
  handOver: (raw: Socket, socket: Socket, protocol: Protocol) => void,
): (raw: Socket) => void {
  return createTlsSide({
    certificates,
    protocols,
    handshakeTimeoutMs,
    onSecure: (secure, raw) => {
      const { remoteAddress } = raw
      if (remoteAddress !== undefined) setPeer(secure, remoteAddress)
      handOver(raw, secure, secure.alpnProtocol === 'h2' ? 'h2' : 'http/1.1')
    },
    onFailure: () => onCut('handshake'),
  })
}
