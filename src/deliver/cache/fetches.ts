import type { DeliveryOrder } from '../contract.ts'
import { askStorage, type AskOptions, type Outcome } from './ask-storage.ts'
import { createParty, type Party } from './party.ts'
import type { StoredAnswer } from './stored-answer.ts'

/** A question to the storage that is under way. */
export interface Fetch {
  /** The clients that wait for it; when all have left, it is broken off. */
  readonly party: Party
  /** Never rejects. */
  readonly outcome: Promise<Outcome>
}

/** One question for each object at a time. */
export interface Fetches {
  /** The question under way whose answer is likely to do for an order that came at `askedAt`, monotonic ms. */
  readonly find: (key: string, known: StoredAnswer | undefined, askedAt: number) => Fetch | undefined
  /** Asks the storage in the name of `order`, of which the party does not know yet. */
  readonly start: (order: DeliveryOrder, key: string, known: StoredAnswer | undefined) => Fetch
  /** Resolves when nothing is under way. */
  readonly drain: () => Promise<void>
}

export interface FetchesOptions extends AskOptions {
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
}

interface Running extends Fetch {
  readonly requestedAt: number
  readonly era: number
}

export function createFetches(options: FetchesOptions): Fetches {
  const { shelf, monotonic, defaultTtlMs } = options
  const latest = new Map<string, Running>()
  const underWay = new Set<Promise<Outcome>>()
  return {
    find: (key, known, askedAt) => {
      const running = latest.get(key)
      if (running === undefined || running.era !== shelf.era()) return undefined
      const usefulMs = known?.freshness.lifetimeMs ?? defaultTtlMs
      return askedAt - running.requestedAt < usefulMs ? running : undefined
    },
    start: (order, key, known) => {
      const [requestedAt, era, party] = [monotonic(), shelf.era(), createParty()]
      const isShared = (): boolean => party.size() > 1
      const question = { order: { ...order, onGone: party.onGone }, key, known, era, requestedAt, isShared }
      const outcome = askStorage(options, question)
      const running = { party, outcome, requestedAt, era }
      const forget = (): void => {
        underWay.delete(outcome)
        if (latest.get(key) === running) latest.delete(key)
      }
      latest.set(key, running)
      underWay.add(outcome)
      // Nobody may join what is being broken off.
      party.onGone(forget)
      void outcome.then(forget, forget)
      return running
    },
    drain: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}
