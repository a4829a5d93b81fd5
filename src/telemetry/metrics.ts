import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { MetricsSnapshot } from './aggregate.ts'
import { createCounter, createGauge } from './collected.ts'
import { createCustomers, type CustomerFigures } from './customers.ts'
import { createHistogram } from './histogram.ts'
import type { Observation } from './observation.ts'
import { classOf } from './outcome-class.ts'
import { registerFront, type FrontFigures } from './front-metrics.ts'
import { registerOffloads, type OffloadFigures } from './offload-metrics.ts'
import { registerStore, type StoreFigures } from './store-metrics.ts'
import { registerTokens, type TokenFigures } from './token-metrics.ts'
import { registerUpstreams, type UpstreamFigures } from './upstream-metrics.ts'

type TokenCacheResult = 'hit' | 'miss' | 'negative' | 'implausible' | 'recalled'
interface WebhookBacklog {
  readonly waiting: number
  readonly dead: number
}

type WebhookResult = 'delivered' | 'failed' | 'dead'
type ObjectCacheResult = 'hit' | 'revalidated' | 'shared' | 'miss' | 'passed'

/** Prometheus figures of one process. Nothing in it throws, blocks or grows with what clients make up. */
export interface Metrics {
  /** Adds one finished request. */
  readonly observe: (observation: Observation) => void
  /** A request came in. */
  readonly started: () => void
  /** A request that came in is over, however it ended. */
  readonly ended: () => void
  /** How a secret was looked up; `implausible` ones were not. */
  readonly tokenCache: (result: TokenCacheResult) => void
  /** How a request for a file of a cached repository was answered. */
  readonly objectCache: (result: ObjectCacheResult) => void
  /** A request was taken on to another upstream of its repository, because the one at this place (from 1) did not answer it. */
  readonly failover: (repository: string, upstream: number) => void
  /** A call to the store ended. `operation` is a name from the code. */
  readonly store: (operation: string, seconds: number, ok: boolean) => void
  /** An attempt to deliver an event to a webhook ended. */
  readonly webhookAttempt: (result: WebhookResult) => void
  /** Events and deliveries that wait, and deliveries that were given up; of the process that delivers. */
  readonly webhookBacklog: (backlog: WebhookBacklog) => void
  /** How many tokens there are, by repository; of the process that looks at all of them. */
  readonly tokens: (figures: readonly TokenFigures[]) => void
  /** A connection, or a stream of one, was ended because of what its client did or failed to do. `reason` is a word from the code. */
  readonly cut: (reason: string) => void
  /** So many records and sums of the history were not kept. */
  readonly historyLost: (count: number) => void
  /** Everything in Prometheus' text format. */
  readonly read: () => Promise<{ readonly contentType: string; readonly body: string }>
  /** The same as plain data, for the sums over several processes. */
  readonly snapshot: () => Promise<MetricsSnapshot>
}

export interface MetricsOptions {
  /** Tokens with series of their own; others are summed up under token="other". */
  readonly maxCustomers: number
  readonly version: string
  /** Adds the figures of the process and of Node. */
  readonly collectProcess: boolean
  /** What lies in the memory for small files. Default: nothing. */
  readonly cacheSize?: () => { readonly objects: number; readonly bytes: number }
  /** How upstreams are seen, where there are several. Default: there are none. */
  readonly upstreamStates?: UpstreamFigures['states']
  /** What others deliver, by the ways of which logs tell. Default: there are none. */
  readonly offloadFigures?: () => readonly OffloadFigures[]
  /** Default: nothing is told of the store's state. */
  readonly storeFigures?: () => StoreFigures
  /** Connections of customers, and certificates. Default: nothing is told of them. */
  readonly frontFigures?: () => FrontFigures
}

/** Seconds. A whole delivery may take minutes, an answer of the storage or the store should not. */
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const UPSTREAM_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const STORE_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]

const LOOKUPS_HELP =
  'How secrets were looked up: hit, miss, negative (known not to exist), implausible (not looked up), recalled (the store failed).'
const CACHE_HELP =
  'Requests of cached repositories: hit, revalidated, shared (with a request of another client), miss, passed (not kept).'
const WEBHOOK_HELP = 'Attempts to deliver an event: delivered, failed (tried again later), dead (given up).'
const CUTS_HELP =
  'Connections and streams that the gate ended: too_many, too_many_from_address, no_proxy, handshake, slow_request, slow_reader.'
const HISTORY_HELP = 'Records and sums of the history that were lost for want of room.'
const FAILURES_HELP = 'Calls to the store that failed or took too long.'
const IN_FLIGHT_HELP = 'Requests being answered at the moment.'

/**
 * Figures in a registry of their own. Counters that are touched by every request are plain numbers, which become series when they
 * are read: a customer that was renamed has series under the new name only.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const {
    maxCustomers,
    version,
    collectProcess,
    cacheSize = () => NOTHING_CACHED,
    storeFigures,
    upstreamStates = () => [],
    offloadFigures = () => [],
    frontFigures,
  } = options
  const registry = new Registry()
  const customers = createCustomers(maxCustomers)
  const requests = new Map<string, Map<string, number>>()
  const lookups = new Map<TokenCacheResult, number>()
  const cacheResults = new Map<ObjectCacheResult, number>()
  const failures = new Map<string, number>()
  registerRequests(registry, requests)
  registerCustomers(registry, customers.all)
  registerCounts(registry, 'token_cache_lookups_total', LOOKUPS_HELP, 'result', lookups)
  registerCounts(registry, 'cache_requests_total', CACHE_HELP, 'result', cacheResults)
  registerCacheSize(registry, cacheSize)
  const cuts = new Map<string, number>()
  registerCounts(registry, 'connections_cut_total', CUTS_HELP, 'reason', cuts)
  if (frontFigures !== undefined) registerFront(registry, frontFigures)
  const failovers = new Map<string, Map<number, number>>()
  registerUpstreams(registry, { states: upstreamStates, failovers })
  registerOffloads(registry, offloadFigures)
  if (storeFigures !== undefined) registerStore(registry, storeFigures)
  registerCounts(registry, 'store_failures_total', FAILURES_HELP, 'operation', failures)
  const attempts = new Map<WebhookResult, number>()
  registerCounts(registry, 'webhook_attempts_total', WEBHOOK_HELP, 'result', attempts)
  let backlog: WebhookBacklog = { waiting: 0, dead: 0 }
  registerBacklog(registry, () => backlog)
  let tokens: readonly TokenFigures[] = []
  registerTokens(registry, () => tokens)
  const durations = createDurations(registry)
  let inFlight = 0
  createGauge(registry, 'requests_in_flight', IN_FLIGHT_HELP, () => inFlight)
  const historyLost = createTotal(registry, 'history_lost_total', HISTORY_HELP)
  registerBuild(registry, version)
  if (collectProcess) collectDefaultMetrics({ register: registry })

  return {
    observe: (observation) => {
      const { outcome, status, token, charged, bytes, durationMs, upstreamMs } = observation
      const repository = observation.repository ?? 'none'
      count(countsOf(requests, repository), outcome)
      const kind = classOf(outcome)
      // A refusal's own text is not what a customer's traffic is billed by; what came before one is.
      const isRefusal = status >= 400 && (kind === 'refused' || kind === 'failed')
      const delivered = isRefusal ? 0 : sane(bytes)
      customers.add(token, repository, outcome, sane(charged), delivered)
      durations.request(kind, sane(durationMs) / 1000)
      if (upstreamMs !== null) durations.upstream(repository, sane(upstreamMs) / 1000)
    },
    started: () => void (inFlight += 1),
    ended: () => void (inFlight -= 1),
    tokenCache: (result) => count(lookups, result),
    objectCache: (result) => count(cacheResults, result),
    failover: (repository, upstream) => count(countsOf(failovers, repository), upstream),
    store: (operation, seconds, ok) => {
      durations.store(operation, sane(seconds))
      if (!ok) count(failures, operation)
    },
    webhookAttempt: (result) => count(attempts, result),
    webhookBacklog: (current) => void (backlog = current),
    tokens: (figures) => void (tokens = figures),
    cut: (reason) => count(cuts, reason),
    historyLost,
    read: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    // Its types have an enum where there are plain words.
    snapshot: async () => (await registry.getMetricsAsJSON()) as unknown as MetricsSnapshot,
  }
}

function registerRequests(
  registry: Registry,
  requests: ReadonlyMap<string, ReadonlyMap<string, number>>,
): void {
  const help =
    'Requests by repository and how they ended: delivered, not_modified … or the code of a refusal.'
  createCounter(registry, 'requests_total', help, ['repository', 'outcome'], (add) => {
    for (const [repository, outcomes] of requests) {
      for (const [outcome, value] of outcomes) add({ repository, outcome }, value)
    }
  })
}

function registerCustomers(registry: Registry, all: () => Iterable<CustomerFigures>): void {
  const labels = ['repository', 'token', 'name'] as const
  const downloads = 'Downloads charged to tokens, by slug_perm and name.'
  createCounter(registry, 'downloads_total', downloads, labels, (add) => {
    for (const { repository, token, name, downloads: value } of all()) {
      if (token !== 'none') add({ repository, token, name }, value)
    }
  })
  const bytes =
    'Body bytes sent or handed over, but for those of refusals; token="none" where there was no valid token.'
  createCounter(registry, 'sent_bytes_total', bytes, labels, (add) => {
    for (const { repository, token, name, bytes: value } of all()) add({ repository, token, name }, value)
  })
  const refusals = 'Refusals for what is set on the token: disabled, expired, used up, not covered.'
  createCounter(registry, 'token_refusals_total', refusals, [...labels, 'code'], (add) => {
    for (const { repository, token, name, refusals: codes } of all()) {
      for (const [code, value] of codes) add({ repository, token, name, code }, value)
    }
  })
}

function registerCounts(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  counts: ReadonlyMap<string, number>,
): void {
  createCounter(registry, name, help, [label], (add) => {
    for (const [key, value] of counts) add({ [label]: key }, value)
  })
}

const NOTHING_CACHED = { objects: 0, bytes: 0 }

function registerCacheSize(
  registry: Registry,
  size: () => { readonly objects: number; readonly bytes: number },
): void {
  const helps = {
    objects: 'Files and notes in the memory for small files.',
    bytes: 'Bytes in the memory for small files, overhead counted.',
  }
  for (const name of ['objects', 'bytes'] as const) {
    createGauge(registry, `cache_${name}`, helps[name], () => size()[name])
  }
}

function createDurations(registry: Registry) {
  return {
    request: createHistogram(registry, {
      name: 'postern_request_duration_seconds',
      help: 'From the request to the end of its answer, by class of outcome.',
      label: 'class',
      buckets: REQUEST_BUCKETS,
    }),
    upstream: createHistogram(registry, {
      name: 'postern_upstream_duration_seconds',
      help: 'From asking the storage to the beginning of its answer.',
      label: 'repository',
      buckets: UPSTREAM_BUCKETS,
    }),
    store: createHistogram(registry, {
      name: 'postern_store_duration_seconds',
      help: 'Calls to the store, failed ones included.',
      label: 'operation',
      buckets: STORE_BUCKETS,
    }),
  }
}

function registerBacklog(registry: Registry, value: () => WebhookBacklog): void {
  const waiting = 'Events and deliveries that wait to be sent.'
  createGauge(registry, 'webhook_waiting', waiting, () => value().waiting)
  const dead = 'Deliveries that were given up and are still kept.'
  createGauge(registry, 'webhook_dead', dead, () => value().dead)
}

/** A counter without labels; gives what adds to it. */
function createTotal(registry: Registry, name: string, help: string): (more: number) => void {
  const counter = new Counter({ name: `postern_${name}`, help, registers: [registry] })
  return (more) => counter.inc(sane(more))
}

/** However many processes run it, it is one build. */
function registerBuild(registry: Registry, version: string): void {
  const help = 'Always 1; the labels say what runs.'
  const labelNames = ['version', 'node'] as const
  const gauge = new Gauge({
    name: 'postern_build_info',
    help,
    labelNames,
    registers: [registry],
    aggregator: 'first',
  })
  gauge.set({ version, node: process.versions.node }, 1)
}

function countsOf<Key>(counts: Map<string, Map<Key, number>>, repository: string): Map<Key, number> {
  const found = counts.get(repository)
  if (found !== undefined) return found
  const made = new Map<Key, number>()
  counts.set(repository, made)
  return made
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** A number that a counter can take: what went wrong elsewhere must not stop the figures. */
function sane(value: number): number {
  return value > 0 && value < Infinity ? value : 0
}
