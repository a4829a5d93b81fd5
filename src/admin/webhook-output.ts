import type { EventDelivery, Webhook } from '../store/contract/events.ts'
import { json, type Answer } from './answer.ts'
import { etagOfWebhook } from './etag.ts'
import { formatInstant, formatOptional } from './instants.ts'
import type { Call } from './routes.ts'

/** The answer with a webhook, see `renderWebhook`. */
export function answerWebhook(
  { base }: Call,
  webhook: Webhook,
  { status = 200, secret }: { readonly status?: number; readonly secret?: string | undefined } = {},
): Answer {
  return json(status, renderWebhook(webhook, base, secret), { ETag: etagOfWebhook(webhook) })
}

/** A webhook, with its secret only at the one time that it is shown. */
export function renderWebhook(webhook: Webhook, base: string, secret?: string): Record<string, unknown> {
  const self = `${base}/webhooks/${webhook.owner}/${webhook.id}/`
  return {
    slug_perm: webhook.id,
    target_url: webhook.targetUrl,
    events: webhook.events ?? ['*'],
    repositories: webhook.repositories,
    is_active: webhook.isActive,
    ...(secret === undefined ? {} : { secret }),
    created_at: formatInstant(webhook.createdAt),
    created_by: webhook.createdBy,
    updated_at: formatOptional(webhook.updatedAt),
    updated_by: webhook.updatedBy,
    self_url: self,
    deliveries_url: `${self}deliveries/`,
    ping_url: `${self}ping/`,
  }
}

export function renderDelivery(delivery: EventDelivery): Record<string, unknown> {
  const { event, state, dueAt } = delivery
  return {
    slug_perm: delivery.id,
    state,
    event: event.type,
    event_id: event.id,
    event_at: formatInstant(event.at),
    repository: event.repo === '' ? null : `${event.owner}/${event.repo}`,
    token: event.token,
    token_name: event.tokenName,
    attempts: delivery.attempts,
    created_at: formatInstant(delivery.createdAt),
    last_attempt_at: formatOptional(delivery.lastAttemptAt),
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    next_attempt_at: state === 'waiting' ? formatInstant(dueAt) : null,
  }
}
