import type { Store, UsageStore } from './contract.ts'
import { startFlushing } from './flushing.ts'
import { inGroups } from './slices.ts'

/** A store that remembers which tokens are used, for searches. */
export interface UsageTrail {
  readonly store: Store
  /** Writes what is remembered. */
  readonly close: () => Promise<void>
}

export interface UsageTrailOptions {
  readonly store: Store
  /** Longer than a call to the store takes: what is noted so much later is written by then. */
  readonly flushMs: number
  readonly onFailure: (error: unknown) => void
}

/** Bounds the memory while the store does not take what is noted. */
const MOST_NOTED = 200_000
/** Notes in one call. */
const AT_ONCE = 500

/** Notes the tokens of all calls that change usage, and hands them on some seconds later; it costs the calls next to nothing. */
export function createUsageTrail({ store, flushMs, onFailure }: UsageTrailOptions): UsageTrail {
  let fresh = new Set<string>()
  let ripe = new Set<string>()
  const write = async (): Promise<void> => {
    for (const ids of inGroups([...ripe], AT_ONCE)) {
      await store.tokens.noteUsed(ids)
      for (const id of ids) ripe.delete(id)
    }
    ripe = fresh
    fresh = new Set()
  }
  const { flush, close } = startFlushing({ flushMs, write, onFailure })
  return {
    store: { ...store, usage: noting(store.usage, (id) => void (fresh.size < MOST_NOTED && fresh.add(id))) },
    close: async () => {
      // What is fresh becomes ripe, and then is written.
      await flush()
      await close()
    },
  }
}

function noting(usage: UsageStore, note: (token: string) => void): UsageStore {
  return {
    ...usage,
    reserve: (request) => {
      note(request.token)
      return usage.reserve(request)
    },
    settle: (settleable, ...rest) => {
      note(settleable.token)
      return usage.settle(settleable, ...rest)
    },
    record: (deltas, batch) => {
      for (const { token } of deltas) note(token)
      return usage.record(deltas, batch)
    },
    reset: (token, ...rest) => {
      note(token)
      return usage.reset(token, ...rest)
    },
    releaseClient: (query) => {
      note(query.token)
      return usage.releaseClient(query)
    },
  }
}
