import type { AuditEvent } from '../policy/audit-event.ts'
import type { EventType } from '../policy/event-type.ts'
import type { AuditEntry } from './contract/audit.ts'
import type { EventRecord } from './contract/events.ts'

/** What the world is told of; the rest is for the audit log only. */
const TYPES: Readonly<Partial<Record<AuditEvent, EventType>>> = {
  'repo.entitlement.created': 'token.created',
  'repo.entitlement.updated': 'token.changed',
  'repo.entitlement.secret_updated': 'token.refreshed',
  'repo.entitlement.enabled': 'token.enabled',
  'repo.entitlement.disabled': 'token.disabled',
  'repo.entitlement.reset': 'token.reset',
  'repo.entitlement.eula_accepted': 'token.changed',
  'repo.entitlement.eula_withdrawn': 'token.changed',
  'repo.entitlement.deleted': 'token.deleted',
}

/** The event that goes with an entry of the audit log, if any. Addresses and programs of those who work for the vendor stay here. */
export function eventOf({ id, at, event, actor, object, changes }: AuditEntry): EventRecord | undefined {
  const type = TYPES[event]
  const { owner, repo } = object
  if (type === undefined || owner === null) return undefined
  const by = { kind: actor.kind, id: actor.id, name: actor.name }
  return {
    id,
    type,
    at,
    owner,
    repo: repo ?? '',
    token: object.id,
    tokenName: object.name,
    data: { by, changes },
  }
}
