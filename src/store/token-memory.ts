import { LRUCache } from 'lru-cache'
import type { Token } from '../policy/types.ts'

export interface RecallOptions {
  /** How long tokens are believed after the store was last asked about them. */
  readonly believeForMs: number
  /** True while it is known that the store does not answer. */
  readonly isStoreDown: () => boolean
  /** Is told of each look-up that failed. */
  readonly onFailure: () => void
}

/** What the store said last of each secret, for when it can't be asked. Nothing of it is used while it can. */
export interface TokenMemory {
  /** The store answered. `at`: when it was asked. */
  readonly confirm: (digest: string, found: readonly Token[], at: number) => void
  /** The store could not be asked. */
  readonly noteFailure: () => void
  /** The store told of a change. undefined: perhaps of any. */
  readonly forget: (digest: string | undefined) => void
  readonly recall: (digest: string) => readonly Token[] | undefined
  /** True when asking is of no use: it is known to be down, and the last look-up failed. */
  readonly isCutOff: () => boolean
  readonly close: () => void
}

export interface TokenMemoryOptions {
  readonly maxEntries: number
  /** Milliseconds above zero that only grow; lru-cache's own monotonic clock when absent. */
  readonly clock?: () => number
  /** Nothing is remembered without. */
  readonly recall?: RecallOptions | undefined
}

export function createTokenMemory({ maxEntries, clock, recall }: TokenMemoryOptions): TokenMemory {
  if (recall === undefined) return NO_MEMORY
  const known = new LRUCache<string, readonly Token[]>({
    max: maxEntries,
    ttl: recall.believeForMs,
    ttlResolution: 0,
    ...(clock && { perf: { now: clock } }),
  })
  let isFailing = false
  let isDoubted = false
  return {
    confirm: (digest, found, at) => {
      isFailing = false
      // It answers: what it may have changed without a word has to be asked for again.
      if (isDoubted) known.clear()
      isDoubted = false
      if (found.length > 0) known.set(digest, found, { start: at })
      else known.delete(digest)
    },
    noteFailure: () => {
      isFailing = true
      recall.onFailure()
    },
    forget: (digest) => {
      // Stores say so when they can't be reached, too: then there is nothing better than what was known.
      if (digest === undefined) isDoubted = true
      else known.delete(digest)
    },
    recall: (digest) => known.get(digest),
    isCutOff: () => isFailing && recall.isStoreDown(),
    close: () => known.clear(),
  }
}

const NO_MEMORY: TokenMemory = {
  confirm: () => undefined,
  noteFailure: () => undefined,
  forget: () => undefined,
  recall: () => undefined,
  isCutOff: () => false,
  close: () => undefined,
}
