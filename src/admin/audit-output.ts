import { showChanges } from '../policy/shown-fields.ts'
import type { AuditEntry } from '../store/contract/audit.ts'
import { formatInstant } from './instants.ts'

/** An entry as Cloudsmith shows one, with our fields behind its own. Where it has what nobody here knows, that is null. */
export function renderEntry(entry: AuditEntry): Record<string, unknown> {
  const { actor, object, event, at } = entry
  const repository = object.owner !== null && object.repo !== null ? `${object.owner}/${object.repo}` : null
  return {
    actor: actor.name,
    actor_ip_address: actor.address,
    actor_kind: actor.kind,
    actor_location: { city: null, continent: null, country: null, country_code: null, postal_code: null },
    actor_slug_perm: actor.id,
    actor_url: null,
    context: actor.kind === 'system' || actor.kind === 'customer' ? actor.kind : 'api',
    event,
    event_at: formatInstant(at),
    object: object.name,
    object_kind: object.kind,
    object_slug_perm: object.id,
    target: repository ?? object.owner,
    target_kind: repository === null ? (object.owner === null ? null : 'owner') : 'repository',
    target_slug_perm: null,
    uuid: entry.id,
    user_agent: entry.userAgent,
    changes: showChanges(entry.changes),
  }
}
