import type { Actor } from '../../policy/actor.ts'
import type { AuditEvent } from '../../policy/audit-event.ts'

/**
 * Who makes a change, given along with it. The store writes it down together with what the change really replaced: both or neither,
 * whatever dies in between and whoever changes the same thing at once.
 */
export interface ChangeNote {
  /** A ULID, new for each change. */
  readonly id: string
  readonly at: number
  /** `repo.entitlement.updated` stands for what the change turns out to be: a new secret, a switch, or anything else. */
  readonly event: AuditEvent
  readonly actor: Actor
  readonly userAgent: string | null
}

/** What was changed. null where there is no such thing: a purge of all repositories has no owner. */
export interface AuditObject {
  readonly kind: 'entitlement' | 'api_key' | 'webhook' | 'repository' | 'cache'
  readonly owner: string | null
  readonly repo: string | null
  /** slug_perm of a token, id of a key or webhook. */
  readonly id: string | null
  readonly name: string | null
}

/** The fields that changed, by their name in code. Of secrets it says that they changed, never what they are: see audit-entry.ts. */
export type FieldChanges = Readonly<Record<string, readonly [before: unknown, after: unknown]>>

/** A line of the audit log. */
export interface AuditEntry extends ChangeNote {
  readonly object: AuditObject
  readonly changes: FieldChanges
}

/** A note about a change to something that the store call itself can't name. */
export interface ObjectNote extends ChangeNote {
  readonly object: AuditObject
}

/** Which entries to list: those that satisfy all that is not null. `page` counts from 1. */
export interface AuditQuery {
  readonly owner: string | null
  /** Only together with `owner`. */
  readonly repo: string | null
  /** Id of the object. */
  readonly object: string | null
  /** Id of an actor, or the name of those that have no such id. */
  readonly actor: string | null
  readonly event: AuditEvent | null
  /** First instant of interest. */
  readonly from: number | null
  /** First instant that is too late. */
  readonly until: number | null
  readonly page: number
  readonly pageSize: number
}

export interface AuditStore {
  /** Adds an entry about something that no other call of the store changes. Once, however often it is called with the same `id` and `at`. */
  append(entry: AuditEntry): Promise<void>
  /** Newest first, by `at` and then by `id`. Entries of all changes that were made before the call are among them. */
  list(query: AuditQuery): Promise<{ readonly total: number; readonly entries: readonly AuditEntry[] }>
  /** Forgets entries from before `before`, some at a time, oldest first. Resolves to how many they were; 0: there are no more. */
  sweep(before: number): Promise<number>
}
