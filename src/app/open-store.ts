import type { StoreConfig } from '../config/types.ts'
import type { Store } from '../store/contract.ts'
import { openRedisStore } from '../store/redis/redis-store.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'

export interface StoreOptions {
  /** Names this process among those that share the store; unique, without a colon. */
  readonly processId: string
  /** Is told what an operator should know about the store. */
  readonly onWarning: (message: string) => void
  /** Whether that includes how the store is set up, which one process of a host need tell. */
  readonly examines: boolean
}

/** Opens the store for this process. @throws StoreError. */
export function openStore(config: StoreConfig, options: StoreOptions): Promise<Store> {
  const { processId, examines } = options
  if (config.kind === 'sqlite') {
    const { file, synchronous } = config
    return openSqliteStore({ file, synchronous, processId, clock: Date.now, buildsIndex: examines })
  }
  return openRedisStore({
    ...options,
    servers: config,
    prefix: config.prefix,
    replicas: config.replicas,
    clock: Date.now,
    monotonic: () => performance.now(),
    correctsClock: true,
  })
}
