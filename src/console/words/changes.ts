import { AUDIT_EVENTS } from '../../policy/audit-event.ts'
import type { AuditJson } from '../api/types.ts'

/** What happened, as a sentence. */
export function eventWords({ event }: Pick<AuditJson, 'event'>): string {
  // A newer server may know events that this page does not.
  return (AUDIT_EVENTS as Readonly<Record<string, string | undefined>>)[event] ?? event
}

/** One line for each field that changed: `limit num downloads: 10 → 20`. */
export function changeLines({ changes }: Pick<AuditJson, 'changes'>): readonly string[] {
  return Object.entries(changes).map(
    ([field, { before, after }]) => `${field.replaceAll('_', ' ')}: ${show(before)} → ${show(after)}`,
  )
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
