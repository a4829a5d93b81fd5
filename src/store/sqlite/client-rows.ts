import type { DatabaseSync } from 'node:sqlite'
import type { SeenClient } from '../contract.ts'
import { MOST } from './counters.ts'
import { allRows, firstRow } from './database.ts'

/** A client of an epoch. */
interface ClientRow {
  readonly isCounted: boolean
  readonly lastAt: number
}

/** Clients of an epoch. One that was forgotten keeps its downloads, so that refunds go where they belong, but is not counted. */
export interface ClientRows {
  readonly client: (token: string, epoch: number, client: string) => ClientRow | undefined
  /** Counts the client, as one that was seen at `now`, and adds downloads to it. */
  readonly seeClient: (token: string, epoch: number, client: string, downloads: number, now: number) => void
  /** Takes downloads back; true when the client has none left and no longer counts. */
  readonly subtractClient: (token: string, epoch: number, client: string, downloads: number) => boolean
  /** How many counted clients were last seen at `last` or before. */
  readonly countUnseen: (token: string, epoch: number, last: number) => number
  /** Counts them no longer. */
  readonly forgetUnseen: (token: string, epoch: number, last: number) => void
}

/** Clients that count, for people who look at them. */
export interface CountedRows {
  /** Last seen first. */
  readonly countedClients: (
    token: string,
    epoch: number,
    limit: number,
    offset: number,
  ) => readonly SeenClient[]
  /** Counts it no longer. */
  readonly forgetClient: (token: string, epoch: number, client: string) => void
}

/** Prepares the statements. */
export function createClientRows(database: DatabaseSync): ClientRows & CountedRows {
  return { ...singleRows(database), ...countedRows(database), ...unseenRows(database) }
}

function singleRows(database: DatabaseSync): Pick<ClientRows, 'client' | 'seeClient' | 'subtractClient'> {
  const read = database.prepare(
    'SELECT is_counted, last_at FROM clients WHERE token = ? AND epoch = ? AND client = ?',
  )
  const see = database.prepare(
    `INSERT INTO clients (token, epoch, client, downloads, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
     ON CONFLICT DO UPDATE SET downloads = min(downloads + ?4, ${MOST}), last_at = max(last_at, ?5), is_counted = 1`,
  )
  const subtract = database.prepare(
    `UPDATE clients SET downloads = downloads - ? WHERE token = ? AND epoch = ? AND client = ?
     RETURNING downloads, is_counted`,
  )
  const remove = database.prepare('DELETE FROM clients WHERE token = ? AND epoch = ? AND client = ?')
  return {
    client: (token, epoch, client) => {
      const row = firstRow<{ is_counted: number; last_at: number }>(read, token, epoch, client)
      return row && { isCounted: row.is_counted === 1, lastAt: row.last_at }
    },
    seeClient: (token, epoch, client, downloads, now) => void see.run(token, epoch, client, downloads, now),
    subtractClient: (token, epoch, client, downloads) => {
      const after = firstRow<{ downloads: number; is_counted: number }>(
        subtract,
        downloads,
        token,
        epoch,
        client,
      )
      if (after === undefined || after.downloads > 0) return false
      remove.run(token, epoch, client)
      return after.is_counted === 1
    },
  }
}

function unseenRows(database: DatabaseSync): Pick<ClientRows, 'countUnseen' | 'forgetUnseen'> {
  const unseen = 'token = ? AND epoch = ? AND is_counted = 1 AND last_at <= ?'
  const count = database.prepare(`SELECT count(*) AS total FROM clients WHERE ${unseen}`)
  const forget = database.prepare(`UPDATE clients SET is_counted = 0 WHERE ${unseen}`)
  return {
    countUnseen: (token, epoch, last) => Number(count.get(token, epoch, last)?.['total']),
    forgetUnseen: (token, epoch, last) => void forget.run(token, epoch, last),
  }
}

function countedRows(database: DatabaseSync): CountedRows {
  const list = database.prepare(
    `SELECT client, downloads, first_at AS firstAt, last_at AS lastAt FROM clients
     WHERE token = ? AND epoch = ? AND is_counted = 1 ORDER BY last_at DESC, client LIMIT ? OFFSET ?`,
  )
  const forget = database.prepare(
    'UPDATE clients SET is_counted = 0 WHERE token = ? AND epoch = ? AND client = ?',
  )
  return {
    countedClients: (token, epoch, limit, offset) => allRows(list, token, epoch, limit, offset),
    forgetClient: (token, epoch, client) => void forget.run(token, epoch, client),
  }
}
