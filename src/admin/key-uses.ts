import type { KeyStore, KeyUse } from '../store/contract.ts'

/** Remembers when keys are used, and writes it within a second or so. */
export interface KeyUses {
  readonly note: (use: KeyUse) => void
  /** Stops the timer and writes the rest; resolves also when that fails. */
  readonly close: () => Promise<void>
}

export interface KeyUsesOptions {
  readonly keys: Pick<KeyStore, 'noteUse'>
  readonly flushMs: number
  readonly onFailure: (error: unknown) => void
}

/** What can't be written is noted again by the next use. */
export function createKeyUses({ keys, flushMs, onFailure }: KeyUsesOptions): KeyUses {
  let waiting = new Map<string, KeyUse>()
  const flush = async (): Promise<void> => {
    if (waiting.size === 0) return
    const uses = [...waiting.values()]
    waiting = new Map()
    try {
      await keys.noteUse(uses)
    } catch (error) {
      onFailure(error)
    }
  }
  const timer = setInterval(() => void flush(), flushMs).unref()
  return {
    note: (use) => void waiting.set(use.digest, use),
    close: () => {
      clearInterval(timer)
      return flush()
    },
  }
}
