import type { DatabaseSync } from 'node:sqlite'
import { BATCH_MS } from '../contract.ts'
import { KEPT_CHANGES } from './changes.ts'
import { allRows } from './database.ts'
import { createDeletion, DELETED_AT_ONCE } from './deletion.ts'

const DAY_MS = 86_400_000
/** Past epochs that are looked at in one sweep. */
const EPOCHS_AT_ONCE = 200

/** Sweeps out what nobody needs any more, a little at a time. To be called inside a transaction, now and then. */
export function createSweep(database: DatabaseSync): (now: number) => void {
  const processes = database.prepare('DELETE FROM processes WHERE seen_at < ?')
  const changes = database.prepare(
    `DELETE FROM token_changes WHERE seq <= (SELECT max(seq) FROM token_changes) - ${KEPT_CHANGES}`,
  )
  // A delivery may take longer than a day, and its settlement needs the record.
  const ledgers = createDeletion(
    database,
    'ledgers',
    'token, client, artifact',
    `touched_at < ? AND NOT EXISTS
      (SELECT 1 FROM json_each(ledgers.ledger, '$.underway') AS entry JOIN processes
        ON processes.id = substr(entry.value ->> 'id', 1, instr(entry.value ->> 'id', ':') - 1))`,
  )
  const underway = createDeletion(
    database,
    'underway',
    'token, process, reservation',
    'process NOT IN (SELECT id FROM processes)',
  )
  // What their downloads could still be given back for has no ledger any more.
  const forgotten = createDeletion(
    database,
    'clients',
    'token, epoch, client',
    'is_counted = 0 AND last_at < ?',
  )
  // A day after the last moment at which one could be admitted again: clocks are set back, too.
  const batches = createDeletion(database, 'batches', 'id', 'made_at < ?')
  const sweepEpochs = createEpochSweep(database)
  return (now) => {
    processes.run(now - DAY_MS)
    changes.run()
    ledgers(DELETED_AT_ONCE, now - DAY_MS)
    underway(DELETED_AT_ONCE)
    forgotten(DELETED_AT_ONCE, now - DAY_MS)
    batches(DELETED_AT_ONCE, now - BATCH_MS - DAY_MS)
    sweepEpochs()
  }
}

/** Clients of past epochs. */
function createEpochSweep(database: DatabaseSync): () => void {
  const past = database.prepare(`SELECT token, epoch FROM past_epochs LIMIT ${EPOCHS_AT_ONCE}`)
  const clients = createDeletion(database, 'clients', 'token, epoch, client', 'token = ? AND epoch = ?')
  const done = database.prepare('DELETE FROM past_epochs WHERE token = ? AND epoch = ?')
  return () => {
    let left = DELETED_AT_ONCE
    for (const { token, epoch } of allRows<{ token: string; epoch: number }>(past)) {
      left -= clients(left, token, epoch)
      if (left <= 0) return
      done.run(token, epoch)
    }
  }
}
