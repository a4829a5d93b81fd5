import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { AuditEntry, AuditQuery, AuditStore } from '../contract/audit.ts'
import { eventOf } from '../entry-event.ts'
import { readPage } from './database.ts'
import { createDeletion, DELETED_AT_ONCE } from './deletion.ts'
import { createEventInsert } from './event-rows.ts'
import type { Write } from './turn-batch.ts'

/** Writes an entry and the event that goes with it. Belongs inside the transaction of the change. */
export type WriteEntry = (entry: AuditEntry) => void

export function createEntryWriter(database: DatabaseSync): WriteEntry {
  const insert = createAuditInsert(database, 'INSERT')
  const send = createEventInsert(database)
  return (entry) => {
    insert(entry)
    const event = eventOf(entry)
    if (event !== undefined) send(event)
  }
}

/** Adds an entry. Belongs inside a transaction. */
export function createAuditInsert(database: DatabaseSync, verb: 'INSERT' | 'INSERT OR IGNORE'): WriteEntry {
  const insert = database.prepare(
    `${verb} INTO audit (at, id, owner, repo, object, actor, actor_name, event, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return (entry) => {
    const { at, id, event, actor, object } = entry
    const { owner, repo } = object
    insert.run(at, id, owner, repo, object.id, actor.id, actor.name, event, JSON.stringify(entry))
  }
}

/** The audit log of a SQLite store. */
export function createSqliteAudit(database: DatabaseSync, write: Write): AuditStore {
  const insert = createAuditInsert(database, 'INSERT OR IGNORE')
  const isActorId = database.prepare('SELECT 1 FROM audit WHERE actor = ? LIMIT 1')
  const sweep = createDeletion(database, 'audit', 'at, id', 'at < ? ORDER BY at, id')
  return {
    append: (entry) => write(() => insert(entry)),
    list: async (query) => {
      const actorColumn = isActorId.get(query.actor) === undefined ? 'actor_name' : 'actor'
      return list(database, query, actorColumn)
    },
    sweep: (before) => write(() => sweep(DELETED_AT_ONCE, before)),
  }
}

type List = Awaited<ReturnType<AuditStore['list']>>

function list(database: DatabaseSync, query: AuditQuery, actorColumn: 'actor' | 'actor_name'): List {
  const { filter, values } = toSql(query, actorColumn)
  const { total, rows } = readPage<{ entry: string }>(database, query, {
    from: filter,
    // The index alone tells which lines are on the page; only those are read whole.
    select: `SELECT entry FROM (SELECT at, id ${filter} ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset)
      CROSS JOIN audit USING (at, id) ORDER BY at DESC, id DESC`,
    values,
  })
  return { total, entries: rows.map(({ entry }) => JSON.parse(entry) as AuditEntry) }
}

/** Only what is asked for stands in the filter, and the index that narrows most is named: SQLite has no figures to choose by. */
function toSql(
  { owner, repo, object, actor, event, from, until }: AuditQuery,
  actorColumn: 'actor' | 'actor_name',
): { readonly filter: string; readonly values: Record<string, SQLInputValue> } {
  const wanted = { owner, repo, object, [actorColumn]: actor, event }
  const given = Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== null)
  const times: [string, number][] = [
    ...(from === null ? [] : [['at >= :from', from] satisfies [string, number]]),
    ...(until === null ? [] : [['at < :until', until] satisfies [string, number]]),
  ]
  const conditions = [...given.map(([name]) => `${name} = :${name}`), ...times.map(([sql]) => sql)]
  const index = indexFor(new Set(given.map(([name]) => name)))
  return {
    filter: `FROM audit ${index}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}`,
    values: {
      ...Object.fromEntries(given),
      ...(from === null ? {} : { from }),
      ...(until === null ? {} : { until }),
    },
  }
}

function indexFor(given: ReadonlySet<string>): string {
  const names = [
    ['object', 'audit_by_object'],
    ['actor', 'audit_by_actor'],
    ['actor_name', 'audit_by_actor_name'],
    ['event', 'audit_by_event'],
    ['repo', 'audit_by_repo'],
    ['owner', 'audit_by_owner'],
  ] as const
  const index = names.find(([column]) => given.has(column))?.[1]
  return `INDEXED BY ${index ?? 'audit_by_time'}`
}
