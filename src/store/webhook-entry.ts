import { secretChange, shownChanges } from './audit-entry.ts'
import type { AuditEntry, ChangeNote } from './contract/audit.ts'
import type { Webhook } from './contract/events.ts'

/** The entry about a change of a webhook; undefined: it is new, or gone. */
export function webhookEntry(
  note: ChangeNote,
  before: Webhook | undefined,
  after: Webhook | undefined,
): AuditEntry {
  const webhook = after ?? before
  return {
    ...note,
    object: {
      kind: 'webhook',
      owner: webhook?.owner ?? null,
      repo: null,
      id: webhook?.id ?? null,
      name: webhook === undefined ? null : placeOf(webhook.targetUrl),
    },
    changes: {
      ...shownChanges(shown(before), shown(after)),
      ...secretChange(before?.sealedSecret, after?.sealedSecret),
    },
  }
}

function shown(webhook: Webhook | undefined): Readonly<Record<string, unknown>> {
  if (webhook === undefined) return {}
  const { targetUrl, events, repositories, isActive } = webhook
  return { targetUrl: placeOf(targetUrl), events, repositories, isActive }
}

/** Where a URL leads, without its path: of many services whoever knows that may post there. */
export function placeOf(targetUrl: string): string {
  return `${URL.parse(targetUrl)?.origin ?? '?'}/…`
}
