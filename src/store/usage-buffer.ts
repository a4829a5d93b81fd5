import { admit, conclude, isSpent, type Delivery, type Ledger } from '../policy/ledger.ts'
import type { UsageDelta, UsageStore } from './contract.ts'
import { startFlushing, type Flushing } from './flushing.ts'

/** A delivery that guards no limit. */
interface FreeRunner {
  /** Downloads that it counts as: 0 or 1. */
  readonly charged: 0 | 1
  /** Takes back what was not delivered, adds the bytes, and gives the downloads that were taken back. Further calls change nothing. */
  readonly settle: (sentBytes: number, now: number) => number
}

/** Whose delivery, of what. */
interface UsageKey {
  readonly token: string
  /** Of the counting period, as in `DeliveryRequest`: periods are counted apart. */
  readonly periodStart: number | null
  readonly client: string
  /** `owner/repo/path`. */
  readonly artifact: string
}

/**
 * Counts the usage of tokens whose limits it does not touch: in memory, written within a second; when the store fails it is kept for the
 * next time. The rules of what one download is are those of the limited ones (policy/ledger.ts), within this process.
 */
export interface UsageBuffer extends Flushing {
  readonly download: (key: UsageKey, delivery: Omit<Delivery, 'id'>) => FreeRunner
  /** Bytes that cost no download. */
  readonly addBytes: (key: Pick<UsageKey, 'token' | 'periodStart'>, bytes: number, now: number) => void
  /** Traffic that was counted elsewhere. */
  readonly keep: (delta: UsageDelta) => void
}

interface Waiting {
  readonly token: string
  readonly periodStart: number | null
  downloads: number
  bytes: number
  lastUsedAt: number
  readonly clients: Map<string, number>
}

export interface UsageBufferOptions {
  readonly usage: Pick<UsageStore, 'record'>
  readonly flushMs: number
  /** Ledgers that are remembered: deliveries of one artifact to one client. */
  readonly maxLedgers: number
  readonly onFailure: (error: unknown) => void
}

const alive = (): boolean => true

export function createUsageBuffer(options: UsageBufferOptions): UsageBuffer {
  const { usage, flushMs, maxLedgers, onFailure } = options
  // A Map keeps the order of insertion: the first key is the one longest unused.
  const ledgers = new Map<string, Ledger>()
  const remember = (name: string, ledger: Ledger): void => {
    ledgers.delete(name)
    ledgers.set(name, ledger)
    if (ledgers.size > maxLedgers) ledgers.delete(ledgers.keys().next().value ?? name)
  }
  let waiting = new Map<string, Waiting>()
  let deliveries = 0

  const entryOf = ({ token, periodStart }: Pick<UsageKey, 'token' | 'periodStart'>): Waiting => {
    const name = `${token} ${periodStart}`
    const known = waiting.get(name)
    if (known !== undefined) return known
    const clients = new Map<string, number>()
    const entry = { token, periodStart, downloads: 0, bytes: 0, lastUsedAt: 0, clients }
    waiting.set(name, entry)
    return entry
  }
  const add = (key: Omit<UsageKey, 'artifact'>, downloads: number, bytes: number, now: number): void => {
    const entry = entryOf(key)
    const { client } = key
    entry.downloads += downloads
    entry.bytes += bytes
    entry.lastUsedAt = Math.max(entry.lastUsedAt, now)
    if (downloads !== 0) entry.clients.set(client, (entry.clients.get(client) ?? 0) + downloads)
  }

  const download = (key: UsageKey, delivery: Omit<Delivery, 'id'>): FreeRunner => {
    const name = `${key.token} ${key.periodStart} ${key.client} ${key.artifact}`
    const id = String(++deliveries)
    const { ledger, cost } = admit(ledgers.get(name), { ...delivery, id }, alive)
    remember(name, ledger)
    if (cost > 0) add(key, cost, 0, delivery.now)
    let settled = false
    const settle = (sentBytes: number, now: number): number => {
      if (settled) return 0
      settled = true
      const current = ledgers.get(name)
      const after = current && conclude(current, id, sentBytes)
      if (after !== undefined && isSpent(after.ledger, now)) ledgers.delete(name)
      else if (after !== undefined) remember(name, after.ledger)
      // Of the moment when it began: when its counting period is over by now, the store passes it over.
      const refund = after?.refund ?? 0
      add(key, -refund, sentBytes, delivery.now)
      return refund
    }
    return { charged: cost, settle }
  }

  const write = async (): Promise<void> => {
    if (waiting.size === 0) return
    const batch = waiting
    waiting = new Map()
    try {
      await usage.record(Array.from(batch.values(), toDelta))
    } catch (error) {
      for (const entry of batch.values()) merge(entryOf(entry), entry)
      throw error
    }
  }
  return {
    ...startFlushing({ flushMs, write, onFailure }),
    download,
    keep: (delta) => {
      const { periodStart = null } = delta
      merge(entryOf({ token: delta.token, periodStart }), delta)
    },
    addBytes: (key, bytes, now) => add({ ...key, client: '' }, 0, bytes, now),
  }
}

function toDelta({ token, periodStart, downloads, bytes, lastUsedAt, clients }: Waiting): UsageDelta {
  return { token, periodStart, downloads, bytes, lastUsedAt, clients }
}

function merge(into: Waiting, from: UsageDelta): void {
  into.downloads += from.downloads
  into.bytes += from.bytes
  into.lastUsedAt = Math.max(into.lastUsedAt, from.lastUsedAt)
  for (const [client, downloads] of from.clients) {
    into.clients.set(client, (into.clients.get(client) ?? 0) + downloads)
  }
}
