import { AUDIT_EVENTS } from '../../policy/audit-event.ts'
import type { AuditJson } from '../api/types.ts'
import { diffValues, type ValueDiff } from './value-diff.ts'

/** What happened, as a sentence. */
export function eventWords({ event }: Pick<AuditJson, 'event'>): string {
  // A newer server may know events that this page does not.
  return (AUDIT_EVENTS as Readonly<Record<string, string | undefined>>)[event] ?? event
}

/** A field that changed. */
export interface FieldChange extends ValueDiff {
  /** `limit num downloads` */
  readonly title: string
}

export function fieldChanges({ changes }: Pick<AuditJson, 'changes'>): readonly FieldChange[] {
  return Object.entries(changes).map(([field, { before, after }]) => ({
    title: field.replaceAll('_', ' '),
    ...diffValues(before, after),
  }))
}
