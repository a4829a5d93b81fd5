import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicFactory } from 'ulid'
import type { Config } from '../config/types.ts'
import { createEdgeServer, LOCAL_PEER } from '../edge/edge-server.ts'
import { createAccounts } from '../gateway/accounts.ts'
import { createExplain, type ExplainedRequest, type Explanation } from '../gateway/explain.ts'
import type { Fallback } from './fallback.ts'
import type { History } from '../gateway/history.ts'
import { memoize } from './memoize.ts'
import { createNonces } from '../gateway/eula/nonce.ts'
import { createGateway } from '../gateway/handler.ts'
import { createDecideForFront } from '../gateway/offload/decide-for-front.ts'
import { createDeliveryIds } from '../gateway/offload/delivery-id.ts'
import { createLinks } from '../gateway/offload/links.ts'
import { createOffloads, type Offloads } from '../gateway/offload/offloads.ts'
import { createRefusalCounts } from '../gateway/refusal-counts.ts'
import { createGather } from '../gateway/page/gather.ts'
import { createSecretUses } from '../gateway/secret-uses.ts'
import { createUsageNotices } from '../gateway/usage-notices.ts'
import { createWarn } from '../gateway/warnings.ts'
import type { Routes } from '../gateway/routes.ts'
import type { Exchange } from '../gateway/exchange.ts'
import { createTokenCompiler } from '../policy/token.ts'
import { createAddressTest, createClientAddress } from '../request/client-address.ts'
import type { Store } from '../store/contract.ts'
import type { SecretKeeper } from '../store/secret-keeper.ts'
import { createTokenCache } from '../store/token-cache.ts'
import { createUsageBuffer } from '../store/usage-buffer.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Observation } from '../telemetry/observation.ts'

export interface DataPathOptions {
  readonly store: Store
  readonly keeper: SecretKeeper
  readonly fallback: Fallback
  readonly routes: () => Routes
  readonly trustedProxies: readonly string[]
  readonly edge: Config['edge']
  readonly offload: Config['offload']
  readonly metrics: Metrics
  readonly log: Log
  readonly logsAccess: () => boolean
  readonly history: History
  /** Whether it is recorded who used what. */
  readonly isRecorded: () => boolean
}

/** Everything between a customer's connection and the storage. */
export interface DataPath {
  /** Answers a request. Never rejects. */
  readonly handle: (exchange: Exchange) => Promise<void>
  /** For proxies that serve files themselves, not listening yet; undefined: none may ask. */
  readonly edge: Server | undefined
  readonly offloads: Offloads
  readonly explain: (request: ExplainedRequest) => Promise<Explanation>
  /** Writes what was counted and not yet stored. After the server has drained. */
  readonly close: () => Promise<void>
}

/** About 2 KB each. Where more are in use within the ten seconds that they are believed, those used least recently are read once more. */
const CACHED_TOKENS = 15_000
/** The store tells of changes within 250 ms; entries expire all the same, should it ever fail to. */
const CACHED_MS = 10_000
const UNKNOWN_MS = 5_000
const FLUSH_MS = 500
const REMEMBERED_ADDRESSES = 8_192
const LEDGERS_IN_MEMORY = 50_000
const TOKENS_NOTICED = 50_000
const REFUSALS_FLUSH_MS = 10_000
const KINDS_OF_REFUSALS = 20_000
const SETTLEMENT_RETRIES_MS = [50, 200, 1_000, 3_000]

const newId = monotonicFactory()

export function createDataPath(options: DataPathOptions): DataPath {
  const { store, keeper, fallback, routes, metrics, log, logsAccess, history } = options
  const onStoreFailure = (error: unknown): void => log.error('The store failed', error)
  const tokens = createTokenCache({
    tokens: store.tokens,
    digest: keeper.digest,
    compile: createTokenCompiler(),
    maxEntries: CACHED_TOKENS,
    ttlMs: CACHED_MS,
    negativeTtlMs: UNKNOWN_MS,
    onLookup: metrics.tokenCache,
    recall: fallback.recall,
  })
  const buffer = createUsageBuffer({
    usage: fallback.standIn ?? store.usage,
    flushMs: FLUSH_MS,
    maxLedgers: LEDGERS_IN_MEMORY,
    onFailure: onStoreFailure,
  })
  fallback.keepIn(buffer.keep)
  const secretUses = createSecretUses({ tokens: store.tokens, flushMs: FLUSH_MS, onFailure: onStoreFailure })
  const { events } = store
  const notices = createUsageNotices({
    events,
    flushMs: FLUSH_MS,
    maxTokens: TOKENS_NOTICED,
    onFailure: onStoreFailure,
  })
  const refusals = createRefusalCounts({
    events,
    flushMs: REFUSALS_FLUSH_MS,
    maxKinds: KINDS_OF_REFUSALS,
    onFailure: onStoreFailure,
  })
  const accounts = createAccounts({
    usage: store.usage,
    standIn: fallback.standIn,
    tokens: store.tokens,
    buffer,
    secretUses,
    notices,
    clock: Date.now,
    retryMs: SETTLEMENT_RETRIES_MS,
    pause: (ms) => pause(ms),
    onGivenBack: history.giveBack,
    onFailure: onStoreFailure,
  })
  const observe = (observation: Observation): void => {
    metrics.observe(observation)
    refusals.note(observation)
    history.observe(observation)
    if (logsAccess()) log.access(observation)
  }
  const { logs } = options.offload
  const settlesByLog = logs.some(({ kind }) => kind !== 'folder')
  const offloads = createOffloads({
    links: createLinks({
      usage: store.usage,
      clock: Date.now,
      readsLogs: logs.some(({ kind }) => kind === 'folder'),
      settleWithinMs: options.offload.linksWithinMs,
      onGivenBack: history.giveBack,
      onFailure: onStoreFailure,
    }),
    ids: createDeliveryIds(keeper.sign),
    usage: store.usage,
    routes,
    maker: randomBytes(9).toString('base64url'),
    clock: Date.now,
    settlesByLog,
    settleWithinMs: options.offload.settleWithinMs,
    observe,
    onGivenUp: (deliveries) =>
      log.warn('No log of a proxy told how deliveries ended; they are taken for made in full', {
        deliveries,
      }),
    onBeyond: (repository, bytes) =>
      log.warn('A proxy sent more of a file than it was told to', { repository, bytes }),
  })
  const steps = {
    tokens,
    routes,
    clientAddress: memoize(createClientAddress(options.trustedProxies), REMEMBERED_ADDRESSES),
    clock: Date.now,
    accounts,
    asksStorage: options.offload.asksStorage,
    settlesByLog,
    offloads,
    warn: createWarn(),
    monotonic: () => performance.now(),
    observe,
    onError: (error: unknown) => log.error('A request failed', error),
  }
  const gather = createGather({
    usage: store.usage,
    history: store.history,
    isRecorded: options.isRecorded,
    clock: Date.now,
  })
  const nonces = createNonces(keeper.digest)
  const handle = createGateway({
    ...steps,
    page: { gather, nonces, clock: Date.now },
    accept: { tokens: store.tokens, nonces, newId, clock: Date.now },
    ended: metrics.ended,
    isFront: memoize(createAddressTest(options.trustedProxies), REMEMBERED_ADDRESSES),
  })
  const close = async (): Promise<void> => {
    offloads.close()
    await accounts.drain()
    await buffer.close()
    await secretUses.close()
    await notices.close()
    await refusals.close()
    await history.close()
    tokens.close()
  }
  const edge = options.edge === null ? undefined : createEdge(options.edge, options.trustedProxies, steps)
  return {
    edge,
    offloads,
    handle: (exchange) => {
      metrics.started()
      return handle(exchange)
    },
    explain: createExplain({ ...steps, usage: store.usage }),
    close,
  }
}

type Deciding = Omit<Parameters<typeof createDecideForFront>[0], 'clientAddress'>

/** Who asks is believed about the address that it asks for, and whoever is a trusted proxy before it. */
function createEdge(
  { listen, peers }: NonNullable<Config['edge']>,
  proxies: readonly string[],
  steps: Deciding,
): Server {
  const local = 'path' in listen ? [LOCAL_PEER] : []
  const clientAddress = createClientAddress([...peers, ...proxies, ...local])
  return createEdgeServer({
    decide: createDecideForFront({ ...steps, clientAddress: memoize(clientAddress, REMEMBERED_ADDRESSES) }),
    isPeer: createAddressTest(peers),
  })
}
