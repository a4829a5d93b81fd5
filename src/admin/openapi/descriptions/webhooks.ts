import { PAGES } from '../parameters.ts'
import { NOTHING, object, page, tagged, type Description } from './description.ts'

export const WEBHOOKS: Readonly<Record<string, Description>> = {
  'GET /webhooks/:owner': {
    id: 'webhooks_list',
    tag: 'Webhooks',
    summary: 'List the webhooks of an owner',
    reply: { status: 200, form: 'list', schema: 'Webhook' },
  },
  'POST /webhooks/:owner': {
    id: 'webhooks_create',
    tag: 'Webhooks',
    summary: 'Make a webhook, and show its secret this once',
    body: 'WebhookCreation',
    reply: tagged('Webhook', 201),
  },
  'GET /webhooks/:owner/:id': {
    id: 'webhooks_read',
    tag: 'Webhooks',
    summary: 'Show a webhook',
    reply: tagged('Webhook'),
  },
  'PATCH /webhooks/:owner/:id': {
    id: 'webhooks_partial_update',
    tag: 'Webhooks',
    summary: 'Change a webhook',
    body: 'WebhookChange',
    reply: tagged('Webhook'),
  },
  'DELETE /webhooks/:owner/:id': {
    id: 'webhooks_delete',
    tag: 'Webhooks',
    summary: 'Delete a webhook, and what was still to be sent to it',
    reply: NOTHING,
  },
  'GET /webhooks/:owner/:id/deliveries': {
    id: 'webhooks_deliveries_list',
    tag: 'Webhooks',
    summary: 'List what was and will be sent, newest first',
    query: ['state', ...PAGES],
    reply: page('WebhookDelivery'),
  },
  'POST /webhooks/:owner/:id/deliveries/:delivery/resend': {
    id: 'webhooks_deliveries_resend',
    tag: 'Webhooks',
    summary: 'Send something again, with the same id',
    reply: object('WebhookDelivery'),
  },
  'POST /webhooks/:owner/:id/ping': {
    id: 'webhooks_ping',
    tag: 'Webhooks',
    summary: 'Send a trial, whatever events the webhook wants',
    reply: object('WebhookDelivery', 202),
  },
}
