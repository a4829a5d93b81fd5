import type { z } from 'zod'
import { duration, group, size, wholeNumber } from '../schema-parts.ts'
import type { Config } from '../types.ts'

const MOST_BYTES = 64 * 1024 ** 3
const MOST_OBJECT_BYTES = 64 * 1024 ** 2

/** Patience with the storage. */
export function upstream(): z.ZodPrefault<z.ZodType<Config['upstream'], object>> {
  const timeouts = group({
    connect_timeout: duration('5s', 1, 'Longest wait for a connection.'),
    headers_timeout: duration('30s', 1, 'Longest wait for the beginning of an answer.'),
    idle_timeout: duration('60s', 1, 'Longest silence inside a file.'),
    connections: wholeNumber(1, 65_535, 256, 'Connections per storage host.'),
  }).transform((given) => ({
    connectTimeoutMs: given.connect_timeout,
    headersTimeoutMs: given.headers_timeout,
    idleTimeoutMs: given.idle_timeout,
    connections: given.connections,
  }))
  return timeouts.prefault({}).meta({ description: 'Patience with the storage.' })
}

/** Small files that are kept in memory. */
export function cache(): z.ZodPrefault<z.ZodType<Config['cache'], object>> {
  const kept = group({
    max_size: size(
      '64MiB',
      0,
      MOST_BYTES,
      'Memory for files that are answered without asking the storage; 0B for none.',
    ),
    max_object_size: size('256KiB', 1, MOST_OBJECT_BYTES, 'Largest file that is kept.'),
    default_ttl: duration(
      '2s',
      0,
      'How long a file is believed to be current where the storage does not say.',
    ),
  }).transform((given) => ({
    maxBytes: given.max_size,
    maxObjectBytes: given.max_object_size,
    defaultTtlMs: given.default_ttl,
  }))
  return kept.prefault({}).meta({ description: 'Small files that are kept in memory.' })
}
