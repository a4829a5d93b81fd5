import { randomUUID } from 'node:crypto'
import type { RedisServers } from '../../../src/store/redis/connection.ts'
import { openRedisStore, type RedisStoreOptions } from '../../../src/store/redis/redis-store.ts'
import type { Store } from '../../../src/store/contract.ts'
import { newDelivery } from '../conformance/fixtures.ts'

/** A server without a password, on the loopback address. */
export function serverAt(port: number, fields: Partial<RedisServers> = {}): RedisServers {
  return {
    topology: 'single',
    nodes: [{ host: '127.0.0.1', port }],
    masterName: null,
    username: null,
    password: null,
    sentinelUsername: null,
    sentinelPassword: null,
    db: 0,
    tls: null,
    ...fields,
  }
}

/** Opens a store as one more process. */
export function openStore(servers: RedisServers, options: Partial<RedisStoreOptions> = {}): Promise<Store> {
  return openRedisStore({
    servers,
    prefix: 'postern',
    processId: randomUUID(),
    clock: Date.now,
    monotonic: () => performance.now(),
    correctsClock: false,
    onWarning: () => undefined,
    examines: true,
    ...options,
  })
}

/** The number by which the others know the process of a store: its reservations begin with it. */
export async function numberOf(store: Store): Promise<string> {
  const answer = await store.usage.reserve(newDelivery({ dryRun: true }))
  return answer.granted ? (answer.id.split('.')[0] ?? '') : ''
}
