import type { DatabaseSync } from 'node:sqlite'
import { BATCH_MS, StoreError, type Batch } from '../contract.ts'

/** Batches of traffic that were counted. */
export interface Batches {
  /**
   * True when the batch is to be counted now; false when it was before. Belongs inside the transaction that counts it.
   * @throws StoreError `expired`, having written nothing.
   */
  readonly admit: (batch: Batch) => boolean
}

/** `clock` in epoch ms. What this forgets is refused by then, see sweep.ts. */
export function createBatches(database: DatabaseSync, clock: () => number): Batches {
  const note = database.prepare('INSERT OR IGNORE INTO batches (id, made_at) VALUES (?, ?)')
  return {
    admit: ({ id, at }) => {
      if (clock() - at >= BATCH_MS)
        throw new StoreError('expired', `The batch ${id} is too old to be counted.`)
      return note.run(id, at).changes > 0
    },
  }
}
