import { createHttpDeliverer, type HttpOptions } from '../../../src/deliver/http.ts'
import {
  createUpstreams,
  type Upstream,
  type Upstreams,
  type UpstreamsOptions,
} from '../../../src/deliver/upstreams/upstreams.ts'

export const PATIENT = {
  connections: 8,
  connectTimeoutMs: 5000,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
}

/** A storage that is asked by HTTP, and not checked unless `check` says how. */
export function httpUpstream(
  url: string,
  options: Partial<HttpOptions> = {},
  check?: Upstream['check'],
): Upstream {
  return { create: (onFailure) => createHttpDeliverer({ url, ...PATIENT, ...options, onFailure }), check }
}

/** Several storages, and all that was told of them. */
export interface Several extends AsyncDisposable {
  readonly deliverer: Upstreams
  /** `down 0`, `up 0`, `over 0`, in order. */
  readonly told: readonly string[]
  readonly failures: readonly string[]
}

export function several(upstreams: readonly Upstream[], options: Partial<UpstreamsOptions> = {}): Several {
  const told: string[] = []
  const failures: string[] = []
  const deliverer = createUpstreams(upstreams, {
    failures: 3,
    retryMs: 60_000,
    attemptMs: 10_000,
    totalMs: 20_000,
    monotonic: () => performance.now(),
    onFailure: ({ message }) => failures.push(message),
    onDown: (at) => told.push(`down ${at}`),
    onUp: (at) => told.push(`up ${at}`),
    onFailover: (at) => told.push(`over ${at}`),
    ...options,
  })
  return { deliverer, told, failures, [Symbol.asyncDispose]: () => deliverer.close() }
}
