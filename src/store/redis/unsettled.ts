import type { Settling } from './settle.ts'

/** Deliveries whose end the servers do not know yet. */
export interface Unsettled {
  /** Keeps one for later, unless a fuller account of it is kept already. */
  readonly add: (settling: Settling) => void
  /** Tries all of them again, a batch at a time, until one fails. */
  readonly flush: () => Promise<void>
}

/** Far more than one process has under way. */
const MOST_KEPT = 100_000
const AT_ONCE = 100

/**
 * Keeps what could not be settled: deliveries that ended while the servers were away, and reservations of which no answer came, which may
 * have been made and are given back. `settle` resolves to true for each that need not be tried again.
 */
export function createUnsettled(
  settle: (items: readonly Settling[]) => Promise<readonly boolean[]>,
  onLost: () => void,
): Unsettled {
  const waiting = new Map<string, Settling>()
  let flushing: Promise<void> | undefined

  const flushAll = async (): Promise<void> => {
    for (;;) {
      const batch = [...waiting.values().take(AT_ONCE)]
      if (batch.length === 0) return
      const done = await settle(batch)
      batch.filter((_, index) => done[index] === true).forEach(({ id }) => waiting.delete(id))
      if (done.includes(false)) return
    }
  }
  return {
    add: (settling) => {
      if (waiting.size >= MOST_KEPT) onLost()
      else if (!waiting.has(settling.id)) waiting.set(settling.id, settling)
    },
    flush: () => {
      flushing ??= flushAll().finally(() => {
        flushing = undefined
      })
      return flushing
    },
  }
}
