import type { Config } from '../config/types.ts'
import type { Exchange } from '../gateway/exchange.ts'
import { createHttp2Side } from '../gateway/server-http2.ts'
import { createHttp1Server } from '../gateway/server.ts'
import { createAddressTest, createClientAddress } from '../request/client-address.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createCutLog } from './cut-log.ts'
import { createFront, type Front } from './front.ts'

export interface GateFrontOptions {
  readonly config: Config
  readonly handle: (exchange: Exchange) => Promise<void>
  readonly metrics: Pick<Metrics, 'cut'>
  readonly log: Log
}

/** The listener that customers reach. @throws Error when a certificate can't be used. */
export function createGateFront({ config, handle, metrics, log }: GateFrontOptions): Front {
  const { client, tls, proxyProtocol, trustedProxies } = config
  const server = { limits: client, handle, onCut: metrics.cut }
  const isTrusted = createAddressTest(trustedProxies)
  const clientAddress = createClientAddress([])
  const tell = createCutLog(log, () => performance.now())
  return createFront({
    tls,
    http1: createHttp1Server(server),
    http2: tls?.http2 === true ? createHttp2Side(server) : undefined,
    isProxy: proxyProtocol ? isTrusted : undefined,
    handshakeTimeoutMs: client.handshakeTimeoutMs,
    maxConnections: client.maxConnections,
    maxPerAddress: client.maxConnectionsPerAddress,
    // A proxy stands for all of its clients.
    countedAs: (address) => (isTrusted(address) ? undefined : clientAddress(address, undefined).folded),
    onCut: (reason, why) => {
      metrics.cut(reason)
      tell(reason, why)
    },
    log,
  })
}
