import type { DatabaseSync } from 'node:sqlite'
import type { EventDelivery, EventRecord } from '../contract/events.ts'

/** Adds an event to those that nobody has handed out. Belongs inside a transaction. */
export function createEventInsert(database: DatabaseSync): (event: EventRecord) => void {
  const insert = database.prepare('INSERT INTO outbox (id, event) VALUES (?, ?)')
  return (event) => void insert.run(event.id, JSON.stringify(event))
}

/** Adds a delivery. Belongs inside a transaction. */
export function createDeliveryInsert(database: DatabaseSync): (delivery: EventDelivery) => void {
  const insert = database.prepare(
    'INSERT INTO deliveries (id, webhook, state, created_at, due_at, record) VALUES (?, ?, ?, ?, ?, ?)',
  )
  return (delivery) => {
    const { id, webhook, state, createdAt, dueAt } = delivery
    insert.run(id, webhook, state, createdAt, dueAt, JSON.stringify(delivery))
  }
}
