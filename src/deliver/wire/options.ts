import type { LookupFunction } from 'node:net'

/** One storage, and how long it is waited for. */
export interface WireOptions {
  /** Scheme, host and port count. */
  readonly url: URL
  /** Most at once. */
  readonly connections: number
  readonly connectTimeoutMs: number
  /** From a request to the end of its answer's head. */
  readonly headersTimeoutMs: number
  /** Longest silence inside a body, while it is not held back. */
  readonly idleTimeoutMs: number
  /** How long what the host's name means is believed of connections that last. Default: 30 seconds. */
  readonly resolveMs?: number
  /** Finds the addresses of a name. Default: as the system does. */
  readonly lookup?: LookupFunction
}
