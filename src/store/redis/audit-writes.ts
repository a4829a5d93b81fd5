import type { AuditEntry } from '../contract/audit.ts'
import { eventOf } from '../entry-event.ts'
import type { Keys } from './keys.ts'
import type { Write } from './writes.ts'

/** Entries of a kind and an owner have a set of their own: nearly every question names an owner, who may be the only one. */
export function withinOwner(owner: string, kind: string): string {
  return `owner:${owner} ${kind}`
}

/** What an entry is found by. */
export function auditKeysOf(keys: Keys, { event, actor, object }: AuditEntry): string[] {
  const { owner, repo, id } = object
  const kinds = [`actor:${actor.id}`, `actor-name:${actor.name}`, `event:${event}`]
  const things = [
    'all',
    ...kinds,
    ...(owner === null ? [] : [`owner:${owner}`, ...kinds.map((kind) => withinOwner(owner, kind))]),
    ...(owner === null || repo === null ? [] : [`repo:${owner}/${repo}`]),
    ...(id === null ? [] : [`object:${id}`]),
  ]
  return things.map(keys.auditBy)
}

/** What is to be written for an entry. Equal scores sort by member: by id. */
export function entryWrites(keys: Keys, entry: AuditEntry): Write[] {
  const { id, at } = entry
  return [
    ['HSET', keys.audit, id, JSON.stringify(entry)],
    ...auditKeysOf(keys, entry).map((key): Write => ['ZADD', key, String(at), id]),
  ]
}

/** The same, and the event that goes with it. */
export function changeWrites(keys: Keys, entry: AuditEntry): Write[] {
  const event = eventOf(entry)
  const writes = entryWrites(keys, entry)
  return event === undefined ? writes : [...writes, ['RPUSH', keys.outbox, JSON.stringify(event)]]
}
