import { AsyncLocalStorage } from 'node:async_hooks'
import type { Socket } from 'node:net'
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls'
import type { CertificateSet } from './certificates.ts'

/** What is spoken with a client once the connection is secure. */
export type Protocol = 'h2' | 'http/1.1'

/**
 * Forward secrecy and authenticated encryption only, as Mozilla's "intermediate" has it; all of them may be used with HTTP/2 (RFC 9113
 * §9.2.2). Those of TLS 1.3 are all sound.
 */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** What a certificate is used with. @throws where OpenSSL does not take it. */
export function secureWith(
  cert: Buffer,
  key: Buffer,
  minVersion: SecureVersion,
): { readonly options: SecureContextOptions; readonly context: SecureContext } {
  const options = { cert, key, minVersion, ciphers: CIPHERS }
  return { options, context: createSecureContext(options) }
}

export interface TlsSide {
  readonly certificates: () => CertificateSet
  readonly protocols: readonly Protocol[]
  readonly handshakeTimeoutMs: number
  readonly onSecure: (secure: TLSSocket, raw: Socket) => void
  /** The handshake came to nothing; the connection is gone. */
  readonly onFailure: () => void
}

/** Makes what begins TLS on a connection, with the certificates that are there at that moment. */
export function createTlsSide(options: TlsSide): (raw: Socket) => void {
  const { certificates, protocols, handshakeTimeoutMs, onSecure, onFailure } = options
  /** Node tells which connection is secure, but not which one it was before. */
  const beneath = new AsyncLocalStorage<Socket>()
  let first = certificates().first
  const server = createServer({
    ...first.options,
    ALPNProtocols: [...protocols],
    handshakeTimeout: handshakeTimeoutMs,
    SNICallback: (name, choose) => choose(null, certificates().find(name).context),
  })
  server.on('tlsClientError', (_, secure) => {
    onFailure()
    // Node leaves open what did not come to an end in time.
    secure.destroy()
    beneath.getStore()?.destroy()
  })
  server.on('secureConnection', (secure) => {
    // Nobody needs it, and each one is a handshake.
    secure.disableRenegotiation()
    const raw = beneath.getStore()
    if (raw === undefined) secure.destroy()
    else onSecure(secure, raw)
  })
  return (raw) => {
    // For who names no host.
    if (first !== certificates().first) {
      first = certificates().first
      server.setSecureContext(first.options)
    }
    beneath.run(raw, () => server.emit('connection', raw))
  }
}
