import type { Refusal } from '../policy/refusal.ts'
import type { Token } from '../policy/types.ts'
import type { Exhausted } from '../store/contract.ts'
import { tooFast } from './exhausted.ts'

/** Tokens that asked too often, until their next request fits. */
export interface RateHolds {
  readonly note: (token: Token, answer: Exhausted, now: number) => void
  readonly judge: (token: Token, now: number) => Refusal | undefined
}

interface Hold {
  readonly from: number
  readonly until: number
  /** Another limit begins anew. */
  readonly limitRate: number | null
}

/** The store is asked again after that at the latest: its clock may be another one. */
const LONGEST_HOLD_MS = 30_000
const MOST_HOLDS = 10_000

/** Remembers what the store said about the rate. It stays the judge: a hold only spares it questions whose answer is known. */
export function createRateHolds(): RateHolds {
  const holds = new Map<string, Hold>()
  return {
    note: ({ record, limits }, { limit, retryAfterMs = 0 }, now) => {
      if (limit !== 'rate') return
      if (holds.size >= MOST_HOLDS) holds.clear()
      const until = now + Math.min(LONGEST_HOLD_MS, retryAfterMs)
      holds.set(record.slugPerm, { from: now, until, limitRate: limits.limitRate })
    },
    judge: ({ record, limits }, now) => {
      if (limits.limitRate === null) return undefined
      const hold = holds.get(record.slugPerm)
      if (hold === undefined) return undefined
      // A clock that was set back must not make a hold longer.
      const isOver = now >= hold.until || now < hold.from || hold.limitRate !== limits.limitRate
      if (!isOver) return tooFast(limits, hold.until - now)
      holds.delete(record.slugPerm)
      return undefined
    },
  }
}
