import { SECRET_FIELD, SECRET_MASK } from './audit-entry.ts'
import type { AuditEntry, ChangeNote } from './contract/audit.ts'
import type { ApiKey } from './contract/keys.ts'

/** The entry about a change of a key of the management API; `before` undefined: it is new. */
export function keyEntry(note: ChangeNote, before: ApiKey | undefined, after: ApiKey): AuditEntry {
  const [old, next] = [shown(before), shown(after)]
  const changes = Object.keys(next).flatMap((name) => {
    const pair = [old[name] ?? null, next[name] ?? null] as const
    return JSON.stringify(pair[0]) === JSON.stringify(pair[1]) ? [] : [[name, pair] as const]
  })
  const isNewSecret = before?.digest !== after.digest
  return {
    ...note,
    object: { kind: 'api_key', owner: null, repo: null, id: after.id, name: after.name },
    changes: {
      ...Object.fromEntries(changes),
      ...(isNewSecret ? { [SECRET_FIELD]: [before === undefined ? null : SECRET_MASK, SECRET_MASK] } : {}),
    },
  }
}

function shown(key: ApiKey | undefined): Readonly<Record<string, unknown>> {
  if (key === undefined) return {}
  const { name, role, repositories, expiresAt, revokedAt } = key
  return { name, role, repositories, expiresAt, revokedAt }
}
