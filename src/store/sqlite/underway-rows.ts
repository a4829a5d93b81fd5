import type { DatabaseSync } from 'node:sqlite'
import { allRows, firstRow } from './database.ts'
import { processOf } from './reservation-id.ts'

/** A delivery under way of which no ledger tells: a free one, or one that holds a place under a limit on concurrency. */
export interface UnderwayRows {
  readonly addUnderway: (token: string, reservation: string, holdsPlace: boolean) => void
  /** True or false as it was added; undefined when it was not, or was taken out before. */
  readonly takeUnderway: (token: string, reservation: string) => { readonly holdsPlace: boolean } | undefined
  /** Places that are held, by process. */
  readonly placesHeld: (token: string) => readonly { readonly process: string; readonly places: number }[]
}

/** Prepares the statements. */
export function createUnderwayRows(database: DatabaseSync): UnderwayRows {
  const add = database.prepare(
    'INSERT INTO underway (token, process, reservation, holds_place) VALUES (?, ?, ?, ?)',
  )
  const take = database.prepare(
    'DELETE FROM underway WHERE token = ? AND process = ? AND reservation = ? RETURNING holds_place',
  )
  const held = database.prepare(
    'SELECT process, sum(holds_place) AS places FROM underway WHERE token = ? GROUP BY process',
  )
  return {
    addUnderway: (token, reservation, holdsPlace) =>
      void add.run(token, processOf(reservation), reservation, Number(holdsPlace)),
    takeUnderway: (token, reservation) => {
      const row = firstRow<{ holds_place: number }>(take, token, processOf(reservation), reservation)
      return row && { holdsPlace: row.holds_place === 1 }
    },
    placesHeld: (token) => allRows(held, token),
  }
}
