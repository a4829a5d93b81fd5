import type { z } from 'zod'
import { parseDuration } from './duration.ts'
import { group, setting, wholeNumber, type Setting } from './schema-parts.ts'
import { parseSize } from './size.ts'
import type { ClientConfig } from './types.ts'

/** Patience with customers' connections, and what one of them may take up. */
export function client(): z.ZodType<ClientConfig> {
  return group({
    handshake_timeout: duration('10s', 'For the handshake of TLS, and for a PROXY header.'),
    headers_timeout: duration('30s', 'Until the head of a request is whole.'),
    stall_timeout: duration('180s', 'Longest time in which a client takes nothing of its answer.'),
    keep_alive_timeout: duration('75s', 'Until the next request on a connection.'),
    max_header_size: setting(
      (given) => parseSize(given, 4 * KIB, 64 * KIB),
      '16KiB',
      'Of the head of a request, its URL included.',
    ),
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

const KIB = 1024
const LEAST_MS = 100

function duration(byDefault: string, description: string): Setting<number> {
  return setting((given) => parseDuration(given, LEAST_MS), byDefault, description)
}
