import { LRUCache } from 'lru-cache'
import { admit, conclude, isSpent, type Delivery, type Ledger } from '../policy/ledger.ts'
import type { UsageDelta, UsageStore } from './contract.ts'

/** A delivery that guards no limit. */
interface FreeRunner {
  /** Downloads that it counts as: 0 or 1. */
  readonly charged: 0 | 1
  /** Takes back what was not delivered and adds the bytes. Further calls change nothing. */
  readonly settle: (sentBytes: number, now: number) => void
}

/** Whose delivery, of what. */
interface UsageKey {
  readonly token: string
  readonly client: string
  /** `owner/repo/path`. */
  readonly artifact: string
}

/**
 * Counts the usage of tokens whose limits it does not touch: in memory, written within a second. The rules of what one download is
 * are those of the limited ones (policy/ledger.ts), within this process.
 */
export interface UsageBuffer {
  readonly download: (key: UsageKey, delivery: Omit<Delivery, 'id'>) => FreeRunner
  /** Bytes that cost no download. */
  readonly addBytes: (token: string, bytes: number, now: number) => void
  /** Writes what is waiting. When the store fails it is kept for the next time. */
  readonly flush: () => Promise<void>
  /** Stops the timer and writes the rest; resolves also when that fails. */
  readonly close: () => Promise<void>
}

interface Waiting {
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
  const ledgers = new LRUCache<string, Ledger>({ max: maxLedgers })
  let waiting = new Map<string, Waiting>()
  let deliveries = 0

  const entryOf = (token: string): Waiting => {
    const known = waiting.get(token)
    if (known !== undefined) return known
    const entry = { downloads: 0, bytes: 0, lastUsedAt: 0, clients: new Map<string, number>() }
    waiting.set(token, entry)
    return entry
  }
  const add = ({ token, client }: UsageKey, downloads: number, bytes: number, now: number): void => {
    const entry = entryOf(token)
    entry.downloads += downloads
    entry.bytes += bytes
    entry.lastUsedAt = Math.max(entry.lastUsedAt, now)
    if (downloads !== 0) entry.clients.set(client, (entry.clients.get(client) ?? 0) + downloads)
  }

  const download = (key: UsageKey, delivery: Omit<Delivery, 'id'>): FreeRunner => {
    const name = `${key.token} ${key.client} ${key.artifact}`
    const id = String(++deliveries)
    const { ledger, cost } = admit(ledgers.get(name), { ...delivery, id }, alive)
    ledgers.set(name, ledger)
    if (cost > 0) add(key, cost, 0, delivery.now)
    let settled = false
    const settle = (sentBytes: number, now: number): void => {
      if (settled) return
      settled = true
      const current = ledgers.get(name)
      const after = current && conclude(current, id, sentBytes)
      if (after !== undefined && isSpent(after.ledger, now)) ledgers.delete(name)
      else if (after !== undefined) ledgers.set(name, after.ledger)
      add(key, -(after?.refund ?? 0), sentBytes, now)
    }
    return { charged: cost, settle }
  }

  const write = async (): Promise<void> => {
    if (waiting.size === 0) return
    const batch = waiting
    waiting = new Map()
    try {
      await usage.record(Array.from(batch, ([token, entry]) => toDelta(token, entry)))
    } catch (error) {
      onFailure(error)
      for (const [token, entry] of batch) merge(entryOf(token), entry)
    }
  }
  let writing = Promise.resolve()
  /** One at a time: what fails is waiting again before the next begins. */
  const flush = (): Promise<void> => {
    writing = writing.then(write)
    return writing
  }
  const timer = setInterval(() => void flush(), flushMs).unref()
  return {
    download,
    addBytes: (token, bytes, now) => add({ token, client: '', artifact: '' }, 0, bytes, now),
    flush,
    close: () => {
      clearInterval(timer)
      return flush()
    },
  }
}

function toDelta(token: string, { downloads, bytes, lastUsedAt, clients }: Waiting): UsageDelta {
  return { token, downloads, bytes, lastUsedAt, clients }
}

function merge(into: Waiting, from: Waiting): void {
  into.downloads += from.downloads
  into.bytes += from.bytes
  into.lastUsedAt = Math.max(into.lastUsedAt, from.lastUsedAt)
  for (const [client, downloads] of from.clients) {
    into.clients.set(client, (into.clients.get(client) ?? 0) + downloads)
  }
}
