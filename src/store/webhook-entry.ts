import { SECRET_FIELD, SECRET_MASK } from './audit-entry.ts'
import type { AuditEntry, ChangeNote } from './contract/audit.ts'
import type { Webhook } from './contract/events.ts'

/** The entry about a change of a webhook; undefined: it is new, or gone. */
export function webhookEntry(
  note: ChangeNote,
  before: Webhook | undefined,
  after: Webhook | undefined,
): AuditEntry {
  const webhook = after ?? before
  const [old, next] = [shown(before), shown(after)]
  const changes = Object.keys({ ...old, ...next }).flatMap((name) => {
    const pair = [old[name] ?? null, next[name] ?? null] as const
    return JSON.stringify(pair[0]) === JSON.stringify(pair[1]) ? [] : [[name, pair] as const]
  })
  const isNewSecret = before?.sealedSecret !== after?.sealedSecret
  const mask = [before && SECRET_MASK, after && SECRET_MASK].map((each) => each ?? null)
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
      ...Object.fromEntries(changes),
      ...(isNewSecret ? { [SECRET_FIELD]: [mask[0], mask[1]] as const } : {}),
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
