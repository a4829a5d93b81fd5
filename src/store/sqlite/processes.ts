import type { DatabaseSync } from 'node:sqlite'
import { firstRow } from './database.ts'
import { processOf, reservationId } from './reservation-id.ts'
import { createSweep } from './sweep.ts'
import type { Write } from './turn-batch.ts'

const HEARTBEAT_MS = 5_000
/** A process unseen for so long is dead: its deliveries no longer count as under way. */
export const DEAD_AFTER_MS = 20_000

/** The processes that share the database. */
export interface Processes {
  readonly nextId: () => string
  /** True while the process that made the reservation runs. Belongs inside a transaction, as `isRunning`. */
  readonly isAlive: (reservation: string) => boolean
  readonly isRunning: (process: string) => boolean
  /** Shows that this process runs. Belongs inside a transaction. */
  readonly beat: () => void
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

  const showLife = (): void => void beat.run(id, clock())
  const heartbeat = async (): Promise<void> =>
    write(() => {
      showLife()
      sweep(clock())
    })
  const isRunning = (process: string): boolean => {
    if (process === id) return true
    const row = firstRow<{ seen_at: number }>(seen, process)
    return row !== undefined && clock() - row.seen_at < DEAD_AFTER_MS
  }
  return {
    nextId: () => reservationId(id, ++count),
    isAlive: (reservation) => isRunning(processOf(reservation)),
    isRunning,
    beat: showLife,
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
