import { sharedCertificate } from '../../support/certificates.ts'
import { freePorts, startBehind, type Front } from './front.ts'

/** Customers reach the gate itself, over TLS. */
function overTls(name: string, http2: boolean): Front {
  return {
    name,
    start: async (storage, config) => {
      const [port = 0] = await freePorts(1)
      const url = `https://127.0.0.1:${port}`
      const certificate = sharedCertificate()
      const gate = await startBehind(storage, url, {
        listen: `127.0.0.1:${port}`,
        trusted_proxies: [],
        tls: { certificates: [certificate], http2 },
        ...config,
      })
      return {
        url,
        // Clients of packages speak HTTP/1.1 all the same; whoever looks around speaks what is on offer.
        look: http2 ? url.replace('https:', 'h2:') : url,
        authority: certificate.cert,
        gate,
        pid: undefined,
        [Symbol.asyncDispose]: gate[Symbol.asyncDispose],
      }
    },
  }
}

export const tls: Front = overTls('TLS', false)
export const tlsWithHttp2: Front = overTls('TLS with HTTP/2', true)
