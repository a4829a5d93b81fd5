import type { DatabaseSync } from 'node:sqlite'
import type { EventRecord, EventStore, RefusalCount } from '../contract/events.ts'
import { refusalEvent } from '../refusal-event.ts'
import { allRows } from './database.ts'
import { createDeliveryInsert, createEventInsert } from './event-rows.ts'
import type { Write } from './turn-batch.ts'

const CLOSED_AT_ONCE = 500

type Outbox = Pick<EventStore, 'add' | 'waiting' | 'handOut' | 'countRefusals' | 'closeHours' | 'lease'>

/** What happened, until it is handed out to webhooks. */
export function createSqliteEvents(database: DatabaseSync, write: Write): Outbox {
  const see = database.prepare('INSERT OR IGNORE INTO events_seen (id, seen_at) VALUES (?, ?)')
  const put = createEventInsert(database)
  const waiting = database.prepare('SELECT event FROM outbox ORDER BY seq LIMIT ?')
  const remove = database.prepare('DELETE FROM outbox WHERE id = ?')
  const insertDelivery = createDeliveryInsert(database)
  const lease = database.prepare(
    `INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until) ON CONFLICT (name)
       DO UPDATE SET holder = :holder, until = :until WHERE holder = :holder OR until <= :now`,
  )
  return {
    add: (events) =>
      write(() => {
        const added = events.filter(({ id, at }) => see.run(id, at).changes > 0)
        added.forEach(put)
        return added.map(({ id }) => id)
      }),
    waiting: async (limit) => {
      const rows = allRows<{ event: string }>(waiting, limit)
      return rows.map(({ event }) => JSON.parse(event) as EventRecord)
    },
    handOut: (event, deliveries) =>
      write(() => {
        if (remove.run(event.id).changes === 0) return false
        deliveries.forEach(insertDelivery)
        return true
      }),
    ...refusals(database, write, put),
    lease: (name, holder, now, until) => write(() => lease.run({ name, holder, now, until }).changes > 0),
  }
}

function refusals(
  database: DatabaseSync,
  write: Write,
  put: (event: EventRecord) => void,
): Pick<EventStore, 'countRefusals' | 'closeHours'> {
  const add = database.prepare(
    `INSERT INTO refusals (hour, token, reason, count, facts) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (hour, token, reason) DO UPDATE SET count = count + excluded.count`,
  )
  const over = database.prepare(
    `SELECT count, facts FROM refusals WHERE hour < ? ORDER BY hour, token, reason LIMIT ${CLOSED_AT_ONCE}`,
  )
  const remove = database.prepare('DELETE FROM refusals WHERE hour = ? AND token = ? AND reason = ?')
  return {
    countRefusals: (counts) =>
      write(() => {
        for (const each of counts) {
          add.run(each.hour, each.token, each.reason, each.count, JSON.stringify(each))
        }
      }),
    closeHours: (before, at) =>
      write(() => {
        const rows = allRows<{ count: number; facts: string }>(over, before)
        for (const { count, facts } of rows) {
          const refused = JSON.parse(facts) as RefusalCount
          put(refusalEvent({ ...refused, count }, at))
          remove.run(refused.hour, refused.token, refused.reason)
        }
        return rows.length
      }),
  }
}
