import type { Server } from 'node:net'
import { monotonicFactory } from 'ulid'
import type { Config } from '../config/types.ts'
import type { ExplainedRequest, Explanation } from '../gateway/explain.ts'
import type { Offloads } from '../gateway/offload/offloads.ts'
import type { Store } from '../store/contract.ts'
import { createUsageTrail } from '../store/usage-trail.ts'
import type { CertificateFigure } from '../telemetry/front-metrics.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { createRouteBuilder, type RouteBuilder } from './build-routes.ts'
import { createDataPath } from './data-path.ts'
import { createDrain } from './drain.ts'
import { createGateFront } from './gate-front.ts'
import { createFallback } from './fallback.ts'
import type { Foundation } from './foundation.ts'
import { keepFrozen } from './frozen-parts.ts'
import { startHistory } from './start-history.ts'
import { timeStore } from './timed-store.ts'

/** The data path of one process, with what can be done to it while it runs. */
export interface Gate {
  /** Not listening yet. */
  readonly server: Server
  readonly metrics: Metrics
  /** Has the figures tell of the certificates of another listener, too. */
  readonly addCertificates: (read: () => readonly CertificateFigure[]) => void
  /** The store, each of whose calls is measured. */
  readonly store: Store
  /** The configuration that is in force. */
  readonly config: () => Config
  readonly explain: (request: ExplainedRequest) => Promise<Explanation>
  /** For proxies that serve files themselves, not listening yet; undefined: none may ask. */
  readonly edge: Server | undefined
  readonly offloads: Pick<Offloads, 'settleOwn' | 'settleStrays'>
  /** Forgets files that are kept in memory; gives how many they were. */
  readonly purge: RouteBuilder['purge']
  /** Replaces the repositories, and all that a running process can change. Requests under way end as they began. */
  readonly reload: (config: Config) => void
  /** Ends without breaking a download, as far as `drain_timeout` allows; writes what was counted. The store stays open. */
  readonly close: () => Promise<void>
}

export interface GateOptions extends Foundation {
  readonly log: Log
  readonly version: string
  /** Whether this process looks after what dead ones had still to tell the store. */
  readonly adopts: boolean
  /** Whether customers reach this process. */
  readonly serves: boolean
}

const newId = monotonicFactory()
/** Time for connections that were just made to send their request. */
const LINGER_MS = 300
/** Longer than a call to the store may take. */
const TRAIL_MS = 2_500

export function createGate(options: GateOptions): Gate {
  const { config, store: bareStore, keeper, log, version, adopts, serves } = options
  const certificates: (() => readonly CertificateFigure[])[] = [() => front.certificates()]
  const metrics = createMetrics({
    maxCustomers: config.metrics.maxCustomers,
    version,
    collectProcess: true,
    cacheSize: () => routeBuilder.cacheSize(),
    upstreamStates: () => (serves ? routeBuilder.upstreamStates() : []),
    offloadFigures: () => offloads.figures(),
    storeFigures: () => fallback.figures(),
    frontFigures: () => ({
      connections: front.open(),
      certificates: certificates.flatMap((read) => read()),
    }),
  })
  const timed = timeStore(
    bareStore,
    () => performance.now(),
    (operation, seconds, ok) => {
      metrics.store(operation, seconds, ok)
      if (!ok) fallback.suspect()
    },
  )
  const trail = createUsageTrail({
    store: timed,
    flushMs: TRAIL_MS,
    onFailure: (error) => log.error('The store failed', error),
  })
  const { store } = trail
  const fallback = createFallback({ journal: config.journal, store, log, adopts })
  const routeBuilder = createRouteBuilder({
    onFailure: (repository, error) => log.warn('The storage failed', { repository, error }),
    onCacheResult: metrics.objectCache,
    clock: Date.now,
    monotonic: () => performance.now(),
    newId,
    random: Math.random,
    serves,
    onFailover: metrics.failover,
    onUpstreamDown: (repository, upstream, storage, error) =>
      log.warn('An upstream is down', { repository, upstream, storage, error }),
    onUpstreamUp: (repository, upstream, storage) =>
      log.info('An upstream is back', { repository, upstream, storage }),
  })
  const live = { config, routes: routeBuilder.build(config) }
  const { handle, edge, offloads, explain, close } = createDataPath({
    store,
    keeper,
    fallback,
    metrics,
    log,
    routes: () => live.routes,
    trustedProxies: config.trustedProxies,
    edge: config.edge,
    offload: config.offload,
    logsAccess: () => live.config.log.access,
    isRecorded: () => live.config.history.isRecorded,
    history: startHistory({ history: store.history, config: () => live.config, metrics, log }),
  })
  const front = createGateFront({ config, handle, metrics, log })
  const drains = [front.drain, ...(edge === undefined ? [] : [createDrain(edge)])]
  return {
    server: front.server,
    edge,
    offloads,
    metrics,
    addCertificates: (read) => void certificates.push(read),
    store,
    config: () => live.config,
    explain,
    purge: routeBuilder.purge,
    reload: (next) => {
      const inForce = keepFrozen(live.config, next)
      Object.assign(live, { config: inForce, routes: routeBuilder.build(inForce) })
      front.useTls(inForce.tls)
    },
    close: async () => {
      await Promise.all(drains.map((drain) => drain(live.config.drainTimeoutMs, LINGER_MS)))
      await close()
      await fallback.close()
      await trail.close()
      await routeBuilder.close()
    },
  }
}
