import type { DeliveryRequest, Exhausted, Reservation, Usage } from '../contract.ts'

/** What this process knows of a token's counters, as a book begins with it. */
export type Seed = Pick<Usage, 'epoch' | 'downloads' | 'bytes' | 'resetAt'>

/** The counters of tokens as the store told them last. */
export interface KnownCounters {
  readonly note: (request: DeliveryRequest, answer: Reservation | Exhausted) => void
  readonly set: (token: string, seed: Seed) => void
  readonly get: (token: string) => Seed | undefined
}

/** Remembers `most` tokens; the first that came goes first. */
export function createKnownCounters(most: number): KnownCounters {
  const known = new Map<string, Seed>()
  const set = (token: string, seed: Seed): void => {
    if (known.size >= most && !known.has(token)) known.delete(known.keys().next().value ?? token)
    known.set(token, seed)
  }
  return {
    set,
    get: (token) => known.get(token),
    note: ({ token, periodStart = null }, answer) => {
      if (answer.granted) {
        const { epoch, downloads, bytes } = answer
        return set(token, { epoch, downloads, bytes, resetAt: periodStart })
      }
      if (answer.limit !== 'downloads' && answer.limit !== 'bytes') return
      const before = known.get(token)
      const current = before?.resetAt === periodStart ? before : { ...NOTHING, resetAt: periodStart }
      set(token, { ...current, [answer.limit]: answer.used })
    },
  }
}

const NOTHING = { epoch: 0, downloads: 0, bytes: 0 }
