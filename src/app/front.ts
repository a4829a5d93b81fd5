import type { Server } from 'node:http'
import type { Server as NetServer, Socket } from 'node:net'
import { readCertificate } from '../config/certificate.ts'
import type { TlsConfig } from '../config/types.ts'
import {
  createCertificateKeeper,
  type CertificateKeeper,
  type CertificateFigure,
} from '../front/certificate-keeper.ts'
import { createDoor, type DoorOptions } from '../front/door.ts'
import type { Protocol } from '../front/tls.ts'
import type { Http2Side } from '../gateway/server-http2.ts'
import type { Log } from '../telemetry/log.ts'
import { createDrain, type Drain } from './drain.ts'

export interface FrontOptions extends Omit<DoorOptions, 'tls' | 'onConnection'> {
  readonly tls: TlsConfig | null
  readonly http1: Server
  readonly http2?: Http2Side | undefined
  readonly log: Log
}

/** A listener with all that stands between a connection and the server that answers its requests. */
export interface Front {
  /** Not listening yet. */
  readonly server: NetServer
  readonly open: () => number
  readonly certificates: () => readonly CertificateFigure[]
  /** Serves these certificates from now on. Whether there is TLS at all is settled with the start. */
  readonly useTls: (tls: TlsConfig | null) => void
  readonly drain: Drain
}

/** @throws Error when a certificate can't be used. */
export function createFront(options: FrontOptions): Front {
  const { tls, http1, http2, log } = options
  const keeper = tls === null ? undefined : keepCertificates(tls, log)
  const protocols: Protocol[] = tls?.http2 === true ? ['h2', 'http/1.1'] : ['http/1.1']
  const door = createDoor({
    ...options,
    tls: keeper && { certificates: keeper.current, protocols },
    onConnection: (socket: Socket, protocol) => {
      const server = protocol === 'h2' ? http2?.server : http1
      server?.emit('connection', socket)
    },
  })
  door.server.once('listening', () => {
    // It never listens itself, and looks after its time limits from this event on.
    http1.emit('listening')
    keeper?.watch()
  })
  door.server.once('close', () => keeper?.stop())
  return {
    server: door.server,
    open: door.open,
    // Where nobody listens, nobody looks after them either.
    certificates: () => (door.server.listening ? (keeper?.figures() ?? []) : []),
    useTls: (next) => {
      if (next !== null && door.server.listening) keeper?.use(next.certificates)
    },
    drain: createDrain(http1, { ...door, endSessions: () => http2?.drain() }),
  }
}

const LOOK_MS = 1_000

function keepCertificates({ certificates, minVersion }: TlsConfig, log: Log): CertificateKeeper {
  const keeper = createCertificateKeeper({
    files: certificates,
    minVersion: minVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    read: readCertificate,
    clock: Date.now,
    lookMs: LOOK_MS,
    onReplaced: (certificate, notAfter) =>
      log.info('A certificate was replaced', { certificate, expires: instant(notAfter) }),
    onFailure: (certificate, why) =>
      log.error('A certificate was not replaced; the old one stays', undefined, { certificate, why }),
  })
  for (const { label: certificate, notAfter } of keeper.figures()) {
    const expires = instant(notAfter)
    if (notAfter <= Date.now()) log.warn('A certificate has expired', { certificate, expires })
  }
  return keeper
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
