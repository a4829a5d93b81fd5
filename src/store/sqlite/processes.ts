import type { DatabaseSync } from 'node:sqlite'
import { firstRow } from './database.ts'
import { KEPT_CHANGES } from './changes.ts'
import type { Write } from './turn-batch.ts'

const HEARTBEAT_MS = 5_000
/** A process unseen for so long is dead: its deliveries no longer count as under way. */
const DEAD_AFTER_MS = 20_000
const DAY_MS = 86_400_000
const SWEPT_AT_ONCE = 1_000

/** The processes that share the database. Reservation ids begin with the id of the process that made them. */
export interface Processes {
  readonly nextId: () => string
  /** Belongs inside a transaction. */
  readonly isAlive: (reservation: string) => boolean
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Makes this process known under `id` and sweeps out what nobody needs any more. */
export function createProcesses(
  database: DatabaseSync,
  write: Write,
  id: string,
  clock: () => number,
): Processes {
  const seen = database.prepare('SELECT seen_at FROM processes WHERE id = ?')
  const beat = database.prepare('INSERT OR REPLACE INTO processes VALUES (?, ?)')
  const leave = database.prepare('DELETE FROM processes WHERE id = ?')
  const sweep = createSweep(database)
  let timer: NodeJS.Timeout | undefined
  let count = 0

  const heartbeat = async (): Promise<void> =>
    write(() => {
      beat.run(id, clock())
      sweep(clock())
    })
  return {
    nextId: () => `${id}:${++count}`,
    isAlive: (reservation) => {
      const owner = reservation.slice(0, reservation.indexOf(':'))
      if (owner === id) return true
      const row = firstRow<{ seen_at: number }>(seen, owner)
      return row !== undefined && clock() - row.seen_at < DEAD_AFTER_MS
    },
    start: async () => {
      await heartbeat()
      // A beat that fails is made up for by the next; the store's own calls report a database that is gone.
      timer = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS).unref()
    },
    stop: async () => {
      clearInterval(timer)
      await write(() => void leave.run(id))
    },
  }
}

function createSweep(database: DatabaseSync): (now: number) => void {
  // A delivery may take longer than a day, and its settlement needs the record.
  const ledgers = database.prepare(
    `DELETE FROM ledgers WHERE (token, client, artifact) IN
       (SELECT token, client, artifact FROM ledgers WHERE touched_at < ? AND NOT EXISTS
         (SELECT 1 FROM json_each(ledgers.ledger, '$.underway') AS entry JOIN processes
           ON processes.id = substr(entry.value ->> 'id', 1, instr(entry.value ->> 'id', ':') - 1))
        LIMIT ${SWEPT_AT_ONCE})`,
  )
  const processes = database.prepare('DELETE FROM processes WHERE seen_at < ?')
  const changes = database.prepare(
    `DELETE FROM token_changes WHERE seq <= (SELECT max(seq) FROM token_changes) - ${KEPT_CHANGES}`,
  )
  return (now) => {
    processes.run(now - DAY_MS)
    ledgers.run(now - DAY_MS)
    changes.run()
  }
}
