import { secretChange, shownChanges } from './audit-entry.ts'
import type { AuditEntry, ChangeNote } from './contract/audit.ts'
import type { ApiKey } from './contract/keys.ts'

/** The entry about a change of a key of the management API; `before` undefined: it is new. */
export function keyEntry(note: ChangeNote, before: ApiKey | undefined, after: ApiKey): AuditEntry {
  return {
    ...note,
    object: { kind: 'api_key', owner: null, repo: null, id: after.id, name: after.name },
    changes: { ...shownChanges(shown(before), shown(after)), ...secretChange(before?.digest, after.digest) },
  }
}

function shown(key: ApiKey | undefined): Readonly<Record<string, unknown>> {
  if (key === undefined) return {}
  const { name, role, repositories, expiresAt, revokedAt } = key
  return { name, role, repositories, expiresAt, revokedAt }
}
