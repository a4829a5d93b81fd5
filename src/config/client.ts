import type { z } from 'zod'
import { duration, group, size, wholeNumber } from './schema-parts.ts'
import type { ClientConfig } from './types.ts'

const KIB = 1024
const LEAST_MS = 100

/** Patience with customers' connections, and what one of them may take up. */
export function client(): z.ZodType<ClientConfig> {
  return group({
    handshake_timeout: duration('10s', LEAST_MS, 'For the handshake of TLS, and for a PROXY header.'),
    headers_timeout: duration('30s', LEAST_MS, 'Until the head of a request is whole.'),
    stall_timeout: duration('180s', LEAST_MS, 'Longest time in which a client takes nothing of its answer.'),
    keep_alive_timeout: duration('75s', LEAST_MS, 'Until the next request on a connection.'),
    max_header_size: size('16KiB', 4 * KIB, 64 * KIB, 'Of the head of a request, its URL included.'),
    max_headers: wholeNumber(16, 1_000, 100, 'Headers of a request.'),
    max_url_length: wholeNumber(256, 64 * KIB, 8_192, 'Bytes of the path and query of a request.'),
    max_requests: wholeNumber(1, 1_000_000_000, 10_000, 'Requests on one connection.'),
    max_connections: wholeNumber(1, 1_000_000, 20_000, 'Connections at a time, in each process.'),
    max_connections_per_address: wholeNumber(
      1,
      1_000_000,
      1_000,
      'Connections of one client address at a time, in each process. Those of trusted_proxies are not counted.',
    ),
  })
    .transform((given) => ({
      handshakeTimeoutMs: given.handshake_timeout,
      headersTimeoutMs: given.headers_timeout,
      stallTimeoutMs: given.stall_timeout,
      keepAliveTimeoutMs: given.keep_alive_timeout,
      maxHeadBytes: given.max_header_size,
      maxHeaders: given.max_headers,
      maxUrlBytes: given.max_url_length,
      maxRequests: given.max_requests,
      maxConnections: given.max_connections,
      maxConnectionsPerAddress: given.max_connections_per_address,
    }))
    .prefault({})
    .meta({ description: 'Patience with customers, and what one connection may take up.' })
}
