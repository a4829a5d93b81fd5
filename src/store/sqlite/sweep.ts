import type { DatabaseSync } from 'node:sqlite'
import { BATCH_MS } from '../contract.ts'
import { KEPT_CHANGES } from './changes.ts'
import { allRows } from './database.ts'

const DAY_MS = 86_400_000
/** Rows of a table that are swept out at once, so that nobody waits long for it. */
const SWEPT_AT_ONCE = 1_000
/** Past epochs that are looked at in one sweep. */
const EPOCHS_AT_ONCE = 200

/** Sweeps out what nobody needs any more, a little at a time. To be called inside a transaction, now and then. */
export function createSweep(database: DatabaseSync): (now: number) => void {
  const processes = database.prepare('DELETE FROM processes WHERE seen_at < ?')
  const changes = database.prepare(
    `DELETE FROM token_changes WHERE seq <= (SELECT max(seq) FROM token_changes) - ${KEPT_CHANGES}`,
  )
  // A delivery may take longer than a day, and its settlement needs the record.
  const ledgers = database.prepare(
    `DELETE FROM ledgers WHERE (token, client, artifact) IN
       (SELECT token, client, artifact FROM ledgers WHERE touched_at < ? AND NOT EXISTS
         (SELECT 1 FROM json_each(ledgers.ledger, '$.underway') AS entry JOIN processes
           ON processes.id = substr(entry.value ->> 'id', 1, instr(entry.value ->> 'id', ':') - 1))
        LIMIT ${SWEPT_AT_ONCE})`,
  )
  const underway = database.prepare(
    `DELETE FROM underway WHERE (token, process, reservation) IN
       (SELECT token, process, reservation FROM underway WHERE process NOT IN (SELECT id FROM processes)
        LIMIT ${SWEPT_AT_ONCE})`,
  )
  // What their downloads could still be given back for has no ledger any more.
  const forgotten = database.prepare(
    `DELETE FROM clients WHERE (token, epoch, client) IN
       (SELECT token, epoch, client FROM clients WHERE is_counted = 0 AND last_at < ? LIMIT ${SWEPT_AT_ONCE})`,
  )
  // A day after the last moment at which one could be admitted again: clocks are set back, too.
  const batches = database.prepare(
    `DELETE FROM batches WHERE id IN (SELECT id FROM batches WHERE made_at < ? LIMIT ${SWEPT_AT_ONCE})`,
  )
  const sweepEpochs = createEpochSweep(database)
  return (now) => {
    processes.run(now - DAY_MS)
    changes.run()
    ledgers.run(now - DAY_MS)
    underway.run()
    forgotten.run(now - DAY_MS)
    batches.run(now - BATCH_MS - DAY_MS)
    sweepEpochs()
  }
}

/** Clients of past epochs. */
function createEpochSweep(database: DatabaseSync): () => void {
  const past = database.prepare(`SELECT token, epoch FROM past_epochs LIMIT ${EPOCHS_AT_ONCE}`)
  const clients = database.prepare(
    `DELETE FROM clients WHERE (token, epoch, client) IN
       (SELECT token, epoch, client FROM clients WHERE token = ? AND epoch = ? LIMIT ?)`,
  )
  const done = database.prepare('DELETE FROM past_epochs WHERE token = ? AND epoch = ?')
  return () => {
    let left = SWEPT_AT_ONCE
    for (const { token, epoch } of allRows<{ token: string; epoch: number }>(past)) {
      left -= Number(clients.run(token, epoch, left).changes)
      if (left <= 0) return
      done.run(token, epoch)
    }
  }
}
