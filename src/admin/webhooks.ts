import { json, NO_CONTENT, type Answer } from './answer.ts'
import { editWebhook, type Expected } from './edits.ts'
import { invalid, notFound } from './errors.ts'
import { noteOf } from './note.ts'
import type { AdminOptions } from './options.ts'
import { ofOwner } from './places.ts'
import type { Call, Handler, Operation, Route } from './routes.ts'
import { deliveryRoutes, WEBHOOK_ID } from './webhook-deliveries.ts'
import { readWebhook } from './webhook-fields.ts'
import { answerWebhook, renderWebhook } from './webhook-output.ts'
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
        GET: onWebhook(options, async (call, webhook) => answerWebhook(call, webhook)),
        PATCH: editing(options, (...edit) => changeWebhook(options, ...edit)),
        DELETE: editing(options, (...edit) => deleteWebhook(options, ...edit)),
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

/** A change of one webhook, which honours `If-Match`. */
function editing(options: AdminOptions, handle: Parameters<typeof editWebhook>[0]): Operation {
  return { ...onWebhook(options, editWebhook(handle)), conditional: true }
}

async function createWebhook(options: AdminOptions, call: Call, owner: string): Promise<Answer> {
  const read = readWebhook(call.body, owner, options.targetRules(), 'create')
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
  return answerWebhook(call, webhook, { status: 201, secret })
}

async function changeWebhook(
  options: AdminOptions,
  call: Call,
  webhook: Webhook,
  isExpected: Expected<Webhook>,
): Promise<Answer> {
  const read = readWebhook(call.body, webhook.owner, options.targetRules(), 'change')
  if (!read.ok) return invalid(read.errors)
  const { input, rotatesSecret } = read
  if (Object.keys(input).length === 0 && !rotatesSecret) return answerWebhook(call, webhook)
  const note = noteOf(options, call, 'webhook.updated')
  const secret = rotatesSecret ? generateKey(options) : undefined
  const change = {
    ...input,
    ...(secret === undefined ? {} : { sealedSecret: options.keeper.seal(secret) }),
    updatedAt: note.at,
    updatedBy: call.actor.name,
  }
  const after = await options.store.webhooks.update(webhook.owner, webhook.id, change, note, isExpected)
  return after === undefined ? notFound() : answerWebhook(call, after, { secret })
}

async function deleteWebhook(
  options: AdminOptions,
  call: Call,
  { owner, id }: Webhook,
  isExpected: Expected<Webhook>,
): Promise<Answer> {
  const note = noteOf(options, call, 'webhook.deleted')
  return (await options.store.webhooks.delete(owner, id, note, isExpected)) ? NO_CONTENT : notFound()
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const KEY_LENGTH = 40

/** A key for signatures: 238 bits. */
function generateKey({ randomInt }: AdminOptions): string {
  const letters = Array.from({ length: KEY_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length)))
  return `whsec${letters.join('')}`
}
