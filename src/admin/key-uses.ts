import type { KeyStore, KeyUse } from '../store/contract.ts'
import { startFlushing, type Flushing } from '../store/flushing.ts'

/** Remembers when keys are used, and writes it within a second or so. What can't be written is noted again by the next use. */
export interface KeyUses extends Flushing {
  readonly note: (use: KeyUse) => void
}

export interface KeyUsesOptions {
  readonly keys: Pick<KeyStore, 'noteUse'>
  readonly flushMs: number
  readonly onFailure: (error: unknown) => void
}

export function createKeyUses({ keys, flushMs, onFailure }: KeyUsesOptions): KeyUses {
  let waiting = new Map<string, KeyUse>()
  const write = async (): Promise<void> => {
    if (waiting.size === 0) return
    const uses = [...waiting.values()]
    waiting = new Map()
    await keys.noteUse(uses)
  }
  return {
    ...startFlushing({ flushMs, write, onFailure }),
    note: (use) => void waiting.set(use.digest, use),
  }
}
