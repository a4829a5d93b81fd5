import type { Token } from '../policy/types.ts'
import type { Reservation } from '../store/contract.ts'
import type { EventRecord, EventStore } from '../store/contract/events.ts'
import { startFlushing, type Flushing } from '../store/flushing.ts'
import { clientEvent, limitEvent, thresholdsOf, type Threshold } from '../store/usage-events.ts'

/**
 * Notices what the vendor wants to be told of in the counters that come back with a charge anyway. What can't be written is found by the
 * next look at all tokens.
 */
export interface UsageNotices extends Flushing {
  /** `knowsSize`: false for a file of unknown size, whose reservation of all that is left says nothing about what is used. */
  readonly note: (token: Token, charge: Reservation, knowsSize: boolean, now: number) => void
}

export interface UsageNoticesOptions {
  readonly events: Pick<EventStore, 'add'>
  readonly flushMs: number
  /** Tokens whose number of clients is remembered; beyond, the one longest unseen is forgotten. */
  readonly maxTokens: number
  readonly onFailure: (error: unknown) => void
}

interface Seen {
  readonly epoch: number
  readonly clients: number
}

/** Two comparisons for each limit and a look into a map: nothing is asked, nothing waits. */
export function createUsageNotices({
  events,
  flushMs,
  maxTokens,
  onFailure,
}: UsageNoticesOptions): UsageNotices {
  const thresholds = new WeakMap<Token, readonly Threshold[]>()
  // A Map keeps the order of insertion: the first key is the one longest unseen.
  const seen = new Map<string, Seen>()
  let waiting: EventRecord[] = []

  const thresholdsFor = (token: Token): readonly Threshold[] => {
    const known = thresholds.get(token)
    if (known !== undefined) return known
    const made = thresholdsOf(token.record)
    thresholds.set(token, made)
    return made
  }
  /** How many clients there were before; undefined: this process does not know. */
  const exchangeClients = (token: string, { epoch, clients }: Seen): number | undefined => {
    const before = seen.get(token)
    if (before?.epoch === epoch && before.clients >= clients) return clients
    seen.delete(token)
    seen.set(token, { epoch, clients })
    if (seen.size > maxTokens) seen.delete(seen.keys().next().value ?? token)
    return before?.epoch === epoch ? before.clients : undefined
  }
  const add = (event: EventRecord | undefined): void => {
    if (event !== undefined) waiting.push(event)
  }
  const write = async (): Promise<void> => {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    await events.add(batch)
  }
  return {
    ...startFlushing({ flushMs, write, onFailure }),
    note: (token, charge, knowsSize, now) => {
      const { downloads, clients, bytes, charged, reservedBytes } = charge
      const clientsBefore = exchangeClients(token.record.slugPerm, charge)
      if (clientsBefore !== undefined && clientsBefore < clients) add(clientEvent(token.record, charge, now))
      for (const threshold of thresholdsFor(token)) {
        const { counter, limit, warnsAt } = threshold
        if (counter === 'bytes' && !knowsSize) continue
        const after = counter === 'downloads' ? downloads : counter === 'clients' ? clients : bytes
        const before =
          counter === 'downloads'
            ? downloads - charged
            : counter === 'clients'
              ? clientsBefore
              : bytes - reservedBytes
        if (before !== undefined && crosses(before, after, limit, warnsAt)) {
          add(limitEvent(token.record, threshold, charge, now))
        }
      }
    },
  }
}

function crosses(before: number, after: number, limit: number, warnsAt: number): boolean {
  return (before < warnsAt && after >= warnsAt) || (before < limit && after >= limit)
}
