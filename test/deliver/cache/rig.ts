import { createBufferBody } from '../../../src/deliver/buffer-body.ts'
import {
  createCachingDeliverer,
  type CacheResult,
  type CachingOptions,
} from '../../../src/deliver/cache/caching-deliverer.ts'
import { createObjectStore, type ObjectStore } from '../../../src/deliver/cache/object-store.ts'
import type { Body, Deliverer, DeliveryOrder, Opened } from '../../../src/deliver/contract.ts'
import type { Refusal } from '../../../src/policy/refusal.ts'

/** Epoch ms of the rig's clock at its beginning. */
export const START: number = Date.parse('2026-03-01T12:00:00Z')
export const TTL_MS = 2_000

/** What the storage says to an order; `number` counts from 1. */
export type Reply = (order: DeliveryOrder, number: number) => Opened | Refusal | Promise<Opened | Refusal>

/** A cached deliverer over a storage that a test speaks for, with a clock that a test moves. */
export interface Rig {
  readonly deliverer: Deliverer
  readonly store: ObjectStore
  /** What reached the storage. */
  readonly orders: readonly DeliveryOrder[]
  /** How each order was answered. */
  readonly results: readonly CacheResult[]
  readonly advance: (ms: number) => void
  /** Replaces what the storage says. */
  readonly reply: (reply: Reply) => void
}

export function createRig(first: Reply, options: Partial<CachingOptions> = {}): Rig {
  const orders: DeliveryOrder[] = []
  const results: CacheResult[] = []
  let now = 0
  let reply = first
  const inner: Deliverer = {
    open: async (order) => reply(order, orders.push(order)),
    close: async () => undefined,
  }
  const store = options.store ?? createObjectStore(1_000_000)
  const deliverer = createCachingDeliverer(inner, {
    store,
    repository: 'acme/files',
    maxObjectBytes: 1_000,
    defaultTtlMs: TTL_MS,
    patienceMs: 5_000,
    clock: () => START + now,
    monotonic: () => now,
    onResult: (result) => results.push(result),
    ...options,
  })
  return {
    deliverer,
    store,
    orders,
    results,
    advance: (ms) => void (now += ms),
    reply: (next) => void (reply = next),
  }
}

/** A 200 with `content`, as a deliverer passes it on. */
export function found(content: string, headers: Readonly<Record<string, string>> = {}): Opened {
  const bytes = Buffer.from(content)
  return foundWith(
    createBufferBody(bytes, () => undefined),
    bytes.length,
    headers,
  )
}

export function foundWith(
  body: Body,
  size: number | null,
  headers: Readonly<Record<string, string>> = {},
): Opened {
  const length: Record<string, string> = size === null ? {} : { 'content-length': String(size) }
  return {
    ok: true,
    status: 200,
    headers: Object.entries({ ...headers, ...length }).flat(),
    extent: { start: 0, end: size ?? 0, size },
    body,
  }
}

export function unchanged(headers: Readonly<Record<string, string>> = {}): Opened {
  return {
    ok: true,
    status: 304,
    headers: Object.entries(headers).flat(),
    extent: { start: 0, end: 0, size: null },
    body: null,
  }
}

/** HTTP's date of `START` and some seconds. */
export function dateAt(seconds: number): string {
  return new Date(START + seconds * 1_000).toUTCString()
}
