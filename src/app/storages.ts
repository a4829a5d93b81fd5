import { usualFailover } from '../config/failover.ts'
import type { Config, FailoverConfig, RepositoryConfig, UpstreamConfig } from '../config/types.ts'
import type { Deliverer } from '../deliver/contract.ts'
import { createFilesDeliverer } from '../deliver/files.ts'
import { createHttpDeliverer } from '../deliver/http.ts'
import { registryUrl } from '../deliver/registry/registry-url.ts'
import type { LinkOptions } from '../deliver/s3/link-deliverer.ts'
import type { UpstreamState } from '../deliver/upstreams/circuit.ts'
import { createUpstreams, type Upstream } from '../deliver/upstreams/upstreams.ts'
import { createS3Storage } from './s3-storage.ts'

/** One of the storages of a repository. */
interface Storage {
  readonly create: (onFailure: (error: Error) => void) => Deliverer
  /** What its documents may name it by, with a slash at its end. undefined: a folder. */
  readonly base: URL | undefined
  /** How links to it are made, where it takes any. */
  readonly link: LinkOptions | undefined
  /** What it is asked for to see whether it answers. */
  readonly anyPath: string
}

/** Something that is told of the upstreams of a repository. `upstream` counts from 1, as people do. */
export interface UpstreamEvents {
  readonly onUpstreamDown: (
    repository: string,
    upstream: number,
    storage: string,
    why: Error | undefined,
  ) => void
  readonly onUpstreamUp: (repository: string, upstream: number, storage: string) => void
  readonly onFailover: (repository: string, upstream: number) => void
}

export interface StoragesOptions extends UpstreamEvents {
  readonly patience: Config['upstream']
  readonly isRegistry: boolean
  /** Epoch ms. */
  readonly clock: () => number
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  readonly newId: () => string
  /** From 0 to below 1. */
  readonly random: () => number
  readonly onFailure: (error: Error) => void
  /** Whether there will be requests: else nothing is checked. */
  readonly serves: boolean
}

/** All that a repository's files come from, as one. What there is for each of them is in their order. */
export interface Storages {
  readonly deliverer: Deliverer
  readonly bases: readonly (URL | undefined)[]
  /** Empty, unless all of them take links. */
  readonly links: readonly LinkOptions[]
  /** The one that would be asked first now; counts from 0. */
  readonly preferred: () => number
  /** undefined: that is not judged. */
  readonly states: (() => readonly UpstreamState[]) | undefined
}

export function createStorages(
  key: string,
  repository: RepositoryConfig,
  options: StoragesOptions,
): Storages {
  const all = [repository.upstream, ...repository.mirrors]
  const storages = all.map((upstream) => createStorage(upstream, { ...options, hasOthers: all.length > 1 }))
  const links = storages.flatMap(({ link }) => link ?? [])
  const common = { bases: storages.map(({ base }) => base), links: links.length === all.length ? links : [] }
  const { failover } = repository
  const [only] = storages
  if (failover === null && only !== undefined) {
    return { ...common, deliverer: only.create(options.onFailure), preferred: () => 0, states: undefined }
  }
  const deliverer = judged(key, all, failover ?? usualFailover(), storages, options)
  return { ...common, deliverer, preferred: deliverer.preferred, states: deliverer.states }
}

function judged(
  key: string,
  all: readonly UpstreamConfig[],
  failover: FailoverConfig,
  storages: readonly Storage[],
  { patience, monotonic, serves, onFailure, onUpstreamDown, onUpstreamUp, onFailover }: StoragesOptions,
) {
  const names = all.map(nameOf)
  const attemptMs = patience.connectTimeoutMs + patience.headersTimeoutMs
  const asked = storages.map(({ create, anyPath }): Upstream => {
    if (!serves || failover.check === null) return { create, check: undefined }
    const { path, intervalMs, timeoutMs } = failover.check
    return { create, check: { path: path ?? anyPath, mustBeThere: path !== null, intervalMs, timeoutMs } }
  })
  return createUpstreams(asked, {
    failures: failover.failures,
    retryMs: failover.retryMs,
    attemptMs,
    totalMs: failover.totalMs ?? 2 * attemptMs,
    monotonic,
    onFailure,
    onDown: (at, why) => onUpstreamDown(key, at + 1, names[at] ?? '', why),
    onUp: (at) => onUpstreamUp(key, at + 1, names[at] ?? ''),
    onFailover: (at) => onFailover(key, at + 1),
  })
}

/** A key that need not be there: a bucket has no root to ask for. */
const ANY_KEY = 'postern-check'

/** As the log calls it: a path, or what is behind a host, may be known to few. */
function nameOf(upstream: UpstreamConfig): string {
  if (upstream.kind === 's3') return `s3://${upstream.bucket} at ${upstream.endpoint}`
  return upstream.kind === 'http' ? new URL(upstream.url).origin : upstream.directory
}

function createStorage(
  upstream: UpstreamConfig,
  options: StoragesOptions & { readonly hasOthers: boolean },
): Storage {
  const { patience, isRegistry } = options
  switch (upstream.kind) {
    case 'files': {
      const { directory } = upstream
      return {
        create: (onFailure) => createFilesDeliverer({ directory, onFailure }),
        base: undefined,
        link: undefined,
        anyPath: '',
      }
    }
    case 's3':
      return { ...createS3Storage(upstream, options), anyPath: ANY_KEY }
    case 'http': {
      const url = isRegistry ? registryUrl(upstream.url) : upstream.url
      const create: Storage['create'] = (onFailure) =>
        createHttpDeliverer({ url, ...patience, onFailure, isRegistry })
      return { create, base: new URL(upstream.url), link: undefined, anyPath: '' }
    }
  }
}
