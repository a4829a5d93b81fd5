import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { monotonicFactory } from 'ulid'
import { createAdmin } from '../admin/app.ts'
import type { AdminOptions } from '../admin/options.ts'
import type { KeyStore, Store } from '../store/contract.ts'
import type { SecretKeeper } from '../store/secret-keeper.ts'
import type { Log } from '../telemetry/log.ts'
import type { Gate } from './gate.ts'

export interface ManagementOptions {
  readonly gate: Gate
  readonly keys: KeyStore
  readonly keeper: SecretKeeper
  readonly log: Log
  readonly version: string
  readonly metrics: AdminOptions['metrics']
  readonly purge: AdminOptions['purgeCache']
  /** Whether customers are served, as far as this depends on processes, not on the store. */
  readonly isServing: () => boolean
}

const newId = monotonicFactory()

/** The vendor's side of a gate, not listening yet. */
export function createManagement(options: ManagementOptions): Server {
  const { gate, keys, keeper, metrics, purge, isServing, log, version } = options
  const store = { ...gate.store, keys }
  const admin = createAdmin({
    store,
    keeper,
    clock: Date.now,
    newId,
    randomInt,
    repositories: () => gate.config().repositories,
    metrics,
    isReady: async () => isServing() && (await isAnswering(store)),
    explain: ({ client = '127.0.0.1', authorization, ...request }) => {
      const rawHeaders = authorization === undefined ? [] : ['Authorization', authorization]
      return gate.explain({ ...request, rawHeaders, peer: client, forwardedFor: undefined })
    },
    purgeCache: purge,
    onError: (error) => log.error('The management API failed', error),
    version,
  })
  return createServer(admin)
}

function isAnswering(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  )
}
