import type { DeliveryState, EventRecord, Webhook } from '../store/contract/events.ts'
import { newDelivery } from '../store/new-delivery.ts'
import { placeOf } from '../store/webhook-entry.ts'
import { json, type Answer } from './answer.ts'
import { invalid, notFound } from './errors.ts'
import { objectNoteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import { pageHeaders, pageUrls, readPage } from './pagination.ts'
import { withoutFields, type Call, type Operation, type Route } from './routes.ts'
import { renderDelivery } from './webhook-output.ts'

export const STATES: readonly string[] = ['waiting', 'delivered', 'dead'] satisfies DeliveryState[]
/** The form of the ids of webhooks and of deliveries. */
export const WEBHOOK_ID: RegExp = /^[0-9A-Za-z]{1,64}$/

type OnWebhook = (handle: (call: Call, webhook: Webhook) => Promise<Answer>) => Operation

/** What became of the events of a webhook, and another try. */
export function deliveryRoutes(
  options: AdminOptions,
  webhook: string,
  onWebhook: OnWebhook,
): readonly Route[] {
  return [
    {
      path: `${webhook}/deliveries`,
      methods: { GET: onWebhook((call, each) => listDeliveries(options, call, each)) },
    },
    {
      path: `${webhook}/deliveries/:delivery/resend`,
      methods: { POST: bare(onWebhook((call, each) => resend(options, call, each))) },
    },
    { path: `${webhook}/ping`, methods: { POST: bare(onWebhook((_call, each) => ping(options, each))) } },
  ]
}

/** The same, and no field is taken. */
function bare(operation: Operation): Operation {
  return { ...operation, handle: withoutFields(operation.handle) }
}

async function listDeliveries({ store }: AdminOptions, call: Call, { owner, id }: Webhook): Promise<Answer> {
  const state = call.query('state')
  if (state !== undefined && !isState(state)) {
    return invalid(new Map([['state', [`This must be one of ${STATES.join(', ')}.`]]]))
  }
  const page = readPage(call.query)
  const { total, deliveries } = await store.events.deliveries({ webhook: id, state: state ?? null, ...page })
  const urls = pageUrls(call, `webhooks/${owner}/${id}/deliveries`, page, ['state'])
  return json(200, deliveries.map(renderDelivery), pageHeaders(page, total, urls))
}

function isState(text: string): text is DeliveryState {
  return STATES.includes(text)
}

async function resend(options: AdminOptions, call: Call, webhook: Webhook): Promise<Answer> {
  const id = call.param('delivery')
  if (!WEBHOOK_ID.test(id)) return notFound()
  const name = `${placeOf(webhook.targetUrl)} ${id}`
  const object = { kind: 'webhook', owner: webhook.owner, repo: null, id: webhook.id, name } as const
  const note = objectNoteOf(options, call, 'webhook.resent', object)
  const delivery = await options.store.events.resend(webhook.id, id, note.at, note)
  return delivery === undefined ? notFound() : json(200, renderDelivery(delivery))
}

/** An event for this webhook alone, whatever events it wants. */
async function ping({ store, newId, clock }: AdminOptions, { id, owner }: Webhook): Promise<Answer> {
  const now = clock()
  const event: EventRecord = {
    id: newId(),
    type: 'ping',
    at: now,
    owner,
    repo: '',
    token: null,
    tokenName: null,
    data: {},
  }
  const delivery = newDelivery(newId(), id, event, now)
  await store.events.addDelivery(delivery)
  return json(202, renderDelivery(delivery))
}
