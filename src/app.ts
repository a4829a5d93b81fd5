import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monotonicFactory } from 'ulid'
import { createAdmin } from './admin/app.ts'
import { bootstrapKeys } from './app/admin-key.ts'
import { createRouteBuilder } from './app/build-routes.ts'
import { createDataPath, type DataPath } from './app/data-path.ts'
import { readServerKey } from './app/server-key.ts'
import { timeStore } from './app/timed-store.ts'
import type { Config, ListenAddress } from './config/types.ts'
import { closeServer } from './gateway/server.ts'
import type { KeyStore, Store } from './store/contract.ts'
import { createSecretKeeper, type SecretKeeper } from './store/secret-keeper.ts'
import { openSqliteStore } from './store/sqlite/sqlite-store.ts'
import type { Log } from './telemetry/log.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'

/** A running Postern. */
export interface App {
  /** Where customers are served, with the port that was taken. */
  readonly gate: ListenAddress
  readonly admin: ListenAddress
  readonly store: Store
  readonly keeper: SecretKeeper
  /** The first key of the management API, when it was made at this very start. */
  readonly newAdminKey: string | undefined
  /** Replaces the repositories. Requests under way end as they began. */
  readonly reload: (config: Config) => void
  /** Ends without breaking a download, as far as `drain_timeout` allows. */
  readonly close: () => Promise<void>
}

export interface AppOptions {
  readonly config: Config
  /** POSTERN_ADMIN_KEY. */
  readonly adminKey: string | undefined
  readonly log: Log
  readonly version: string
}

/** The management side has no long answers. */
const ADMIN_PATIENCE_MS = 2_000

const newId = monotonicFactory()

/** Opens the store, listens on both sides, and resolves when requests are answered. @throws having let go of everything. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, adminKey } = options
  const processId = randomBytes(9).toString('hex')
  const keeper = createSecretKeeper(config.secretKey ?? makeServerKey(config, processId), randomBytes)
  const { file, synchronous } = config.store
  const store = await openSqliteStore({ file, synchronous, processId, clock: Date.now })
  try {
    const from = { keys: store.keys, keeper, given: adminKey, clock: Date.now, newId, randomInt }
    const { keys, made } = await bootstrapKeys(from)
    return { ...(await assemble(options, store, keeper, keys)), store, keeper, newAdminKey: made }
  } catch (error) {
    await store.close()
    throw error
  }
}

function makeServerKey({ store }: Config, processId: string): string {
  return readServerKey(`${store.file}.key`, () => randomBytes(32).toString('base64url'), processId)
}

type Assembled = Pick<App, 'gate' | 'admin' | 'reload' | 'close'>

async function assemble(
  options: AppOptions,
  bareStore: Store,
  keeper: SecretKeeper,
  keys: KeyStore,
): Promise<Assembled> {
  const { config, log, version } = options
  const metrics = createMetrics({ maxCustomers: config.metrics.maxCustomers, version, collectProcess: true })
  const store = timeStore(bareStore, () => performance.now(), metrics.store)
  const routeBuilder = createRouteBuilder((repository, error) =>
    log.warn('The storage failed', { repository, error }),
  )
  const live = { config, routes: routeBuilder.build(config), closing: false }
  const dataPath = createDataPath({
    store,
    keeper,
    metrics,
    log,
    routes: () => live.routes,
    trustedProxies: config.trustedProxies,
    logsAccess: () => live.config.log.access,
  })
  const management = { ...options, store: { ...store, keys }, keeper, metrics, dataPath, live }
  const admin = createServer(createManagement(management))
  const [gate, adminAddress] = await listenOnBoth(dataPath.gateway.server, admin, config)
  return {
    gate,
    admin: adminAddress,
    reload: (next) => void Object.assign(live, { config: next, routes: routeBuilder.build(next) }),
    close: async () => {
      live.closing = true
      await dataPath.gateway.drain(live.config.drainTimeoutMs)
      await closeServer(admin, ADMIN_PATIENCE_MS)
      await dataPath.close()
      await routeBuilder.close()
      await store.close()
    },
  }
}

interface ManagementOptions extends AppOptions {
  readonly store: Store
  readonly keeper: SecretKeeper
  readonly metrics: Metrics
  readonly dataPath: DataPath
  readonly live: { readonly config: Config; readonly closing: boolean }
}

function createManagement(options: ManagementOptions): RequestListener {
  const { store, keeper, metrics, dataPath, live, log, version } = options
  return createAdmin({
    store,
    keeper,
    clock: Date.now,
    newId,
    randomInt,
    repositories: () => live.config.repositories,
    metrics: metrics.read,
    isReady: async () => !live.closing && (await isAnswering(store)),
    explain: ({ client = '127.0.0.1', authorization, ...request }) => {
      const rawHeaders = authorization === undefined ? [] : ['Authorization', authorization]
      return dataPath.explain({ ...request, rawHeaders, peer: client, forwardedFor: undefined })
    },
    onError: (error) => log.error('The management API failed', error),
    version,
  })
}

function isAnswering(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  )
}

/** Both or none. */
async function listenOnBoth(
  gateway: Server,
  admin: Server,
  config: Config,
): Promise<readonly [ListenAddress, ListenAddress]> {
  try {
    return [await listen(gateway, config.listen), await listen(admin, config.admin.listen)]
  } catch (error) {
    gateway.close()
    admin.close()
    throw error
  }
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<ListenAddress> {
  server.listen(port, host === '' ? undefined : host)
  await once(server, 'listening')
  return { host, port: (server.address() as AddressInfo).port }
}
