import type { DatabaseSync } from 'node:sqlite'
import type { DeliveryQuery, EventDelivery, EventStore } from '../contract/events.ts'
import type { WriteEntry } from './audit.ts'
import { allRows, firstRow, readPage } from './database.ts'
import { createDeletion, DELETED_AT_ONCE } from './deletion.ts'
import { createDeliveryInsert } from './event-rows.ts'
import type { Write } from './turn-batch.ts'

interface DeliveryRow {
  readonly record: string
}

type Deliveries = Pick<
  EventStore,
  'addDelivery' | 'claim' | 'finish' | 'deliveries' | 'resend' | 'counts' | 'sweep'
>

/** Events on their way to webhooks. */
export function createSqliteDeliveries(
  database: DatabaseSync,
  write: Write,
  writeEntry: WriteEntry,
): Deliveries {
  const insert = createDeliveryInsert(database)
  const read = database.prepare('SELECT record FROM deliveries WHERE id = ?')
  const replace = database.prepare('UPDATE deliveries SET state = ?, due_at = ?, record = ? WHERE id = ?')
  const due = database.prepare(
    `SELECT record FROM deliveries WHERE state = 'waiting' AND due_at <= ?
       AND webhook NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at LIMIT ?`,
  )
  const counts = database.prepare(
    `SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM deliveries WHERE state = 'waiting') AS waiting,
       (SELECT count(*) FROM deliveries WHERE state = 'dead') AS dead`,
  )
  const readOne = (id: string): EventDelivery | undefined => {
    const row = firstRow<DeliveryRow>(read, id)
    return row && parse(row)
  }
  const save = (delivery: EventDelivery): EventDelivery => {
    replace.run(delivery.state, delivery.dueAt, JSON.stringify(delivery), delivery.id)
    return delivery
  }
  return {
    addDelivery: (delivery) => write(() => insert(delivery)),
    claim: async (now, until, limit, except) => {
      // Most of the time nothing is due: that is found out without a transaction.
      if (due.get(now, JSON.stringify(except), 1) === undefined) return []
      return write(() =>
        allRows<DeliveryRow>(due, now, JSON.stringify(except), limit).map((row) => {
          const delivery = parse(row)
          return save({ ...delivery, attempts: delivery.attempts + 1, lastAttemptAt: now, dueAt: until })
        }),
      )
    },
    finish: ({ id, attempts }, outcome) =>
      write(() => {
        const current = readOne(id)
        const isLast = current?.attempts === attempts && current.state === 'waiting'
        if (isLast) save({ ...current, ...outcome })
        return isLast
      }),
    deliveries: async (query) => list(database, query),
    resend: (webhook, id, at, note) =>
      write(() => {
        const current = readOne(id)
        if (current?.webhook !== webhook) return undefined
        if (note !== undefined) writeEntry({ ...note, changes: {} })
        return save({ ...current, state: 'waiting', dueAt: at, attemptsBefore: current.attempts })
      }),
    counts: async () => firstRow<{ waiting: number; dead: number }>(counts) ?? { waiting: 0, dead: 0 },
    ...createSweep(database, write),
  }
}

function createSweep(database: DatabaseSync, write: Write): Pick<EventStore, 'sweep'> {
  const ended = createDeletion(database, 'deliveries', 'id', "state IN ('delivered', 'dead') AND due_at < ?")
  const seen = createDeletion(database, 'events_seen', 'id', 'seen_at < ?')
  return {
    sweep: (endedBefore, seenBefore) =>
      write(() => ended(DELETED_AT_ONCE, endedBefore) + seen(DELETED_AT_ONCE, seenBefore)),
  }
}

function list(database: DatabaseSync, query: DeliveryQuery): { total: number; deliveries: EventDelivery[] } {
  const { webhook, state } = query
  const filter = `FROM deliveries INDEXED BY deliveries_by_webhook WHERE webhook = :webhook${state === null ? '' : ' AND state = :state'}`
  const values = { webhook, ...(state === null ? {} : { state }) }
  const { total, rows } = readPage<DeliveryRow>(database, query, {
    from: filter,
    select: `SELECT record ${filter} ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset`,
    values,
  })
  return { total, deliveries: rows.map(parse) }
}

function parse({ record }: DeliveryRow): EventDelivery {
  return JSON.parse(record) as EventDelivery
}
