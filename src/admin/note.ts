import type { AuditEvent } from '../policy/audit-event.ts'
import { isOwnerLevel } from '../policy/owner-level.ts'
import type { StoredToken } from '../store/contract.ts'
import type { AuditObject, ChangeNote, ObjectNote } from '../store/contract/audit.ts'
import { recordedActor } from './actor.ts'
import type { AdminOptions } from './options.ts'
import type { Call } from './routes.ts'

type Clocked = Pick<AdminOptions, 'clock' | 'newId'>

/** The note that goes to the store with every change that `call` makes. */
export function noteOf({ clock, newId }: Clocked, call: Call, event: AuditEvent): ChangeNote {
  return { id: newId(), at: clock(), event, actor: recordedActor(call.actor), userAgent: call.userAgent }
}

/** The same of a change to something that the store can't name by itself. */
export function objectNoteOf(
  options: Clocked,
  call: Call,
  event: AuditEvent,
  object: AuditObject,
): ObjectNote {
  return { ...noteOf(options, call, event), object }
}

export function tokenObject({ owner, repo, slugPerm, name }: StoredToken): AuditObject {
  const isOwners = isOwnerLevel({ repo })
  return { kind: 'entitlement', owner, repo: isOwners ? null : repo, id: slugPerm, name }
}
