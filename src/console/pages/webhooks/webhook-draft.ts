import type { WebhookJson } from '../../api/types.ts'
import { entriesOf } from '../../words/entries.ts'
import type { Draft, NamedField } from '../../words/merge.ts'

type WebhookField = 'target_url' | 'events' | 'repositories' | 'is_active'

/** The form of a webhook as it is typed. Lists have an entry on each line; repositories null: all of them. */
export type WebhookDraft = Draft<WebhookField>

export const WEBHOOK_FIELDS: readonly NamedField<WebhookField>[] = [
  { name: 'target_url', label: 'Target' },
  { name: 'events', label: 'Events' },
  { name: 'repositories', label: 'Repositories' },
  { name: 'is_active', label: 'Switched on' },
]

export const NEW_WEBHOOK: WebhookDraft = {
  target_url: '',
  events: '*',
  repositories: null,
  is_active: 'yes',
}

export function webhookDraftOf(webhook: WebhookJson): WebhookDraft {
  return {
    target_url: webhook.target_url,
    events: webhook.events.join('\n'),
    repositories: webhook.repositories?.join('\n') ?? null,
    is_active: webhook.is_active ? 'yes' : 'no',
  }
}

/** The body of a creation. */
export function webhookBodyOf(draft: WebhookDraft): Readonly<Record<WebhookField, unknown>> {
  return {
    target_url: draft.target_url?.trim(),
    events: entriesOf(draft.events ?? ''),
    repositories: draft.repositories === null ? null : entriesOf(draft.repositories),
    is_active: draft.is_active === 'yes',
  }
}
