import { json, NO_CONTENT, type Answer } from './answer.ts'
import { invalid, notFound } from './errors.ts'
import { noteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import { ofOwner } from './places.ts'
import type { Call, Handler, Operation, Route } from './routes.ts'
import { deliveryRoutes, WEBHOOK_ID } from './webhook-deliveries.ts'
import { readWebhook } from './webhook-fields.ts'
import { renderWebhook } from './webhook-output.ts'
import type { Webhook } from '../store/contract/events.ts'

const WEBHOOKS = '/webhooks/:owner'
const WEBHOOK = `${WEBHOOKS}/:id`

/** Our webhooks, in the style of Cloudsmith's. Theirs are about packages, ours about tokens. */
export function webhookRoutes(options: AdminOptions): readonly Route[] {
  return [
    {
      path: WEBHOOKS,
      methods: {
        GET: managing(
          ofOwner(options, async (call, owner) => {
            const webhooks = await options.store.webhooks.list(owner)
            return json(
              200,
              webhooks.map((each) => renderWebhook(each, call.base)),
            )
          }),
        ),
        POST: managing(ofOwner(options, (call, owner) => createWebhook(options, call, owner))),
      },
    },
    {
      path: WEBHOOK,
      methods: {
        GET: onWebhook(options, async (call, webhook) => json(200, renderWebhook(webhook, call.base))),
        PATCH: onWebhook(options, (call, webhook) => changeWebhook(options, call, webhook)),
        DELETE: onWebhook(options, async (call, { owner, id }) => {
          const existed = await options.store.webhooks.delete(
            owner,
            id,
            noteOf(options, call, 'webhook.deleted'),
          )
          return existed ? NO_CONTENT : notFound()
        }),
      },
    },
    ...deliveryRoutes(options, WEBHOOK, (handle) => onWebhook(options, handle)),
  ]
}

function managing(handle: Handler): Operation {
  return { needs: { can: 'webhooks:manage', where: 'owner' }, handle }
}

function onWebhook(
  options: AdminOptions,
  handle: (call: Call, webhook: Webhook) => Promise<Answer>,
): Operation {
  return managing(
    ofOwner(options, async (call, owner) => {
      const id = call.param('id')
      const webhook = WEBHOOK_ID.test(id) ? await options.store.webhooks.read(owner, id) : undefined
      return webhook === undefined ? notFound() : handle(call, webhook)
    }),
  )
}

async function createWebhook(options: AdminOptions, call: Call, owner: string): Promise<Answer> {
  const read = readWebhook(call.body, options.targetRules(), 'create')
  if (!read.ok) return invalid(read.errors)
  const { targetUrl = '', ...fields } = read.input
  const note = noteOf(options, call, 'webhook.created')
  const secret = generateKey(options)
  const webhook: Webhook = {
    events: null,
    repositories: null,
    isActive: true,
    ...fields,
    id: options.newId(),
    owner,
    targetUrl,
    sealedSecret: options.keeper.seal(secret),
    createdAt: note.at,
    createdBy: call.actor.name,
    updatedAt: null,
    updatedBy: null,
  }
  await options.store.webhooks.create(webhook, note)
  return json(201, renderWebhook(webhook, call.base, secret))
}

async function changeWebhook(options: AdminOptions, call: Call, webhook: Webhook): Promise<Answer> {
  const read = readWebhook(call.body, options.targetRules(), 'change')
  if (!read.ok) return invalid(read.errors)
  const { input, rotatesSecret } = read
  if (Object.keys(input).length === 0 && !rotatesSecret) return json(200, renderWebhook(webhook, call.base))
  const note = noteOf(options, call, 'webhook.updated')
  const secret = rotatesSecret ? generateKey(options) : undefined
  const change = {
    ...input,
    ...(secret === undefined ? {} : { sealedSecret: options.keeper.seal(secret) }),
    updatedAt: note.at,
    updatedBy: call.actor.name,
  }
  const after = await options.store.webhooks.update(webhook.owner, webhook.id, change, note)
  return after === undefined ? notFound() : json(200, renderWebhook(after, call.base, secret))
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const KEY_LENGTH = 40

/** A key for signatures: 238 bits. */
function generateKey({ randomInt }: AdminOptions): string {
  const letters = Array.from({ length: KEY_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length)))
  return `whsec${letters.join('')}`
}
