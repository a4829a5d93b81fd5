import { maskClient, type AddressDetail } from '../policy/mask-client.ts'
import type { HistoryBatch, HistoryRetention, HistoryStore } from '../store/contract/history.ts'
import { startFlushing, type Flushing } from '../store/flushing.ts'
import type { Observation } from '../telemetry/observation.ts'
import type { Delivering } from './charge-request.ts'
import { createGathering, type Gathered } from './history-gather.ts'

/**
 * Gathers what was used, by whom and when, beside the requests: added up in memory and written twice a second; records of downloads as soon
 * as there are some, so that they do not grow old in memory, which costs more than writing them. A process that is killed
 * loses what it had not written; what the store does not take is kept for the next time. Counts that no limit depends on.
 */
export interface History extends Pick<Flushing, 'flush' | 'close'> {
  readonly observe: (observation: Observation) => void
  /** Downloads that were charged at `at` are given back. */
  readonly giveBack: (delivering: Delivering, downloads: number, at: number) => void
}

export interface HistoryOptions {
  readonly history: Pick<HistoryStore, 'record' | 'trim'>
  /** Unique among all processes. */
  readonly writer: string
  readonly keep: HistoryRetention
  readonly addresses: AddressDetail
  readonly userAgents: boolean
  /** Of whose downloads there may be a log. */
  readonly repositories: () => Iterable<string>
  /** Epoch ms. */
  readonly clock: () => number
  readonly flushMs: number
  readonly trimMs: number
  /** Records and sums that may wait. */
  readonly maxWaiting: number
  /** Told of records and sums that are lost for want of room. */
  readonly onDropped: (count: number) => void
  readonly onFailure: (error: unknown) => void
}

export function createHistory(options: HistoryOptions): History {
  const { clock, flushMs, trimMs, maxWaiting, onDropped, onFailure } = options
  const gathering = createGathering({
    nextId: createIds(options.writer),
    tellClient: options.addresses === 'full' ? asItIs : maskClient,
    tellUserAgent: options.userAgents ? shorten : noUserAgent,
  })
  const queue = createQueue(options)
  let dropped = 0

  const hasRoom = (): boolean => {
    if (gathering.size() + queue.size() < maxWaiting) return true
    dropped++
    return false
  }
  const write = async (): Promise<void> => {
    queue.add(gathering.take(), clock())
    if (dropped > 0) onDropped(dropped)
    dropped = 0
    await queue.write()
  }
  const flushing = startFlushing({ flushMs, write, onFailure })
  const writeRecords = (): void => {
    queue.add({ ...NO_SUMS, downloads: gathering.takeRecords() }, clock())
    // A store that is away is asked again with the next flush.
    if (!queue.isStuck()) void flushing.inTurn(queue.write)
  }
  const trim = (): Promise<void> =>
    options.history.trim(options.keep, [...options.repositories()], clock()).catch(onFailure)
  const trimming = setInterval(() => void trim(), trimMs).unref()
  return {
    observe: (observation) => {
      gathering.observe(observation, hasRoom)
      if (gathering.records() >= AT_ONCE) writeRecords()
    },
    giveBack: (delivering, downloads, at) => gathering.giveBack(delivering, downloads, at, hasRoom),
    flush: flushing.flush,
    close: () => {
      clearInterval(trimming)
      return flushing.close()
    },
  }
}

const NO_SUMS: Omit<Gathered, 'downloads'> = { usage: [], packages: [] }

/** Sums and records that go out at once: about a millisecond of the store's time. */
const AT_ONCE = 200

/** Attempts after which a batch makes room for others, if that is scarce: it may be the one that can't be written. */
const MOST_ATTEMPTS = 20

/** Batches on their way. */
function createQueue(options: HistoryOptions) {
  const { history, writer, keep, maxWaiting, onDropped } = options
  const waiting: HistoryBatch[] = []
  let [size, number, attempts] = [0, 0, 0]

  const removeFirst = (): number => {
    const length = lengthOf(waiting.shift())
    size -= length
    attempts = 0
    return length
  }
  return {
    size: () => size,
    /** The last attempt failed. */
    isStuck: () => attempts > 0,
    add: (gathered: Gathered, now: number): void => {
      for (const some of inParts(gathered)) {
        const batch = { writer, number: ++number, now, ...some }
        waiting.push(batch)
        size += lengthOf(batch)
      }
    },
    write: async (): Promise<void> => {
      try {
        for (let batch = waiting[0]; batch !== undefined; batch = waiting[0]) {
          await history.record(batch, keep)
          removeFirst()
        }
      } catch (error) {
        if (++attempts >= MOST_ATTEMPTS && size > maxWaiting / 2) onDropped(removeFirst())
        throw error
      }
    },
  }
}

function lengthOf(batch: HistoryBatch | undefined): number {
  return batch === undefined ? 0 : batch.usage.length + batch.packages.length + batch.downloads.length
}

function createIds(writer: string): () => string {
  let count = 0
  return () => `${writer}-${String(++count).padStart(12, '0')}`
}

function asItIs(client: string): string {
  return client
}

function noUserAgent(): null {
  return null
}

const LONGEST_USER_AGENT = 200

function shorten(userAgent: string | null): string | null {
  return userAgent === null ? null : userAgent.slice(0, LONGEST_USER_AGENT)
}

/** Parts of at most so many sums and records, in their order. */
function inParts({ usage, packages, downloads }: Gathered): Gathered[] {
  const [packagesFrom, downloadsFrom] = [usage.length, usage.length + packages.length]
  const count = Math.ceil((downloadsFrom + downloads.length) / AT_ONCE)
  return Array.from({ length: count }, (_, index) => {
    const slice = <Item>(items: readonly Item[], from: number): readonly Item[] =>
      items.slice(Math.max(0, index * AT_ONCE - from), Math.max(0, (index + 1) * AT_ONCE - from))
    return {
      usage: slice(usage, 0),
      packages: slice(packages, packagesFrom),
      downloads: slice(downloads, downloadsFrom),
    }
  })
}
