import type { Commands } from './commands.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'
import { createKeyList, encodeChecks, encodeWrites, type Check, type Write } from './writes.ts'

/** What parts of the store need that read and write records. */
export interface StoredOptions {
  readonly commands: Commands
  readonly keys: Keys
  readonly apply: Apply
}

/** Carries out all writes if all checks hold, else none. All keys are in the slot that everything shares. */
export type Apply = (checks: readonly Check[], writes: readonly Write[]) => Promise<boolean>

export function createApply(scripts: Pick<Scripts, 'apply'>): Apply {
  return async (checks, writes) => {
    const keys = createKeyList()
    const values = [encodeChecks(checks, keys), encodeWrites(writes, keys)]
    return (await scripts.apply(keys.all, values)) === 1
  }
}
