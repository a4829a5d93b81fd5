import { randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import type { Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { monotonicFactory } from 'ulid'
import { createAdmin } from '../admin/app.ts'
import { readConsoleFiles } from '../admin/console/files.ts'
import { createKeyUses } from '../admin/key-uses.ts'
import type { AdminOptions } from '../admin/options.ts'
import type { Config } from '../config/types.ts'
import { createClientAddress } from '../request/client-address.ts'
import type { KeyStore, Store } from '../store/contract.ts'
import type { SecretKeeper } from '../store/secret-keeper.ts'
import type { Log } from '../telemetry/log.ts'
import { downloadUrl } from './download-url.ts'
import { targetRulesOf } from './events.ts'
import { createFront } from './front.ts'
import type { Gate } from './gate.ts'

export interface ManagementOptions {
  readonly gate: Gate
  readonly keys: KeyStore
  readonly keeper: SecretKeeper
  readonly sessionKeeper: SecretKeeper
  readonly log: Log
  readonly version: string
  readonly metrics: AdminOptions['metrics']
  readonly purge: AdminOptions['purgeCache']
  /** Whether customers are served, as far as this depends on processes, not on the store. */
  readonly isServing: () => boolean
}

/** The vendor's side of a gate. */
export interface Management {
  /** Not listening yet. */
  readonly server: Server
  /** Serves these certificates from now on. */
  readonly useTls: (tls: Config['admin']['tls']) => void
  /** Lets go of the port, and writes what is known of keys. Before the store is closed. */
  readonly close: () => Promise<void>
}

/** Where `npm run build:console` puts it, seen from src/app and from dist/app alike. */
const CONSOLE_FOLDER = fileURLToPath(new URL('../../dist/console', import.meta.url))

const newId = monotonicFactory()
const FLUSH_MS = 500
/** There are no long answers. */
const PATIENCE_MS = 2_000
/** Scripts come back on the same connection after a pause; 5 s, Node's default, races with them, and they do not repeat a POST. */
const KEEP_ALIVE_MS = 75_000
/** Bodies have 100 KB at most: whoever takes longer is cut off. */
const HEADERS_MS = 20_000
const REQUEST_MS = 60_000
const HANDSHAKE_MS = 10_000
/** Each may hold a body; what comes beyond is closed at once. */
const MOST_CONNECTIONS = 1_000

export function createManagement(options: ManagementOptions): Management {
  const { gate, keys, keeper, sessionKeeper, metrics, purge, isServing, log, version } = options
  const store = { ...gate.store, keys }
  const onFailure = (error: unknown): void => log.error('The store failed', error)
  const keyUses = createKeyUses({ keys, flushMs: FLUSH_MS, onFailure })
  const clientAddress = createClientAddress(gate.config().trustedProxies)
  const admin = createAdmin({
    store,
    keeper,
    clock: Date.now,
    newId,
    randomInt,
    repositories: () => gate.config().repositories,
    downloadUrl: (repository) => downloadUrl(gate.config(), repository),
    metrics,
    readiness: async () => {
      if (!isServing()) return 'not_ready'
      if (await isAnswering(store)) return 'ready'
      return goesOn(gate.config()) ? 'without_store' : 'not_ready'
    },
    explain: ({ client = '127.0.0.1', authorization, ...request }) => {
      const rawHeaders = authorization === undefined ? [] : ['Authorization', authorization]
      return gate.explain({ ...request, rawHeaders, peer: client, forwardedFor: undefined })
    },
    purgeCache: purge,
    clientAddress: (peer, forwardedFor) => clientAddress(peer, forwardedFor).full,
    noteKeyUse: keyUses.note,
    targetRules: () => targetRulesOf(gate.config()),
    historyKept: () => gate.config().history,
    sessions: { keeper: sessionKeeper, limits: () => gate.config().console },
    consoleFiles: readConsoleFiles(CONSOLE_FOLDER),
    onError: (error) => log.error('The management API failed', error),
    version,
  })
  const http1 = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    admin,
  )
  const front = createFront({
    tls: gate.config().admin.tls,
    http1,
    isProxy: undefined,
    handshakeTimeoutMs: HANDSHAKE_MS,
    maxConnections: MOST_CONNECTIONS,
    maxPerAddress: MOST_CONNECTIONS,
    countedAs: () => undefined,
    onCut: () => undefined,
    log,
  })
  gate.addCertificates(front.certificates)
  return {
    server: front.server,
    useTls: front.useTls,
    close: async () => {
      await front.drain(PATIENCE_MS, 0)
      await keyUses.close()
    },
  }
}

/** Others that share the store would fail as well: a load balancer must not take all of them out. */
function goesOn({ journal, repositories }: Config): boolean {
  return (
    journal !== null && repositories.values().some(({ whenStoreFails }) => whenStoreFails === 'serve_cached')
  )
}

function isAnswering(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  )
}
