import { EVENT_TYPES } from '../../policy/event-type.ts'
import { STATES } from '../webhook-deliveries.ts'
import { webhookChange, webhookCreation } from '../webhook-fields.ts'
import {
  bodyOf,
  count,
  flag,
  instant,
  listOf,
  oneOf,
  orNull,
  record,
  text,
  url,
  type JsonSchema,
} from './json-schema.ts'

const EVENTS = Object.keys(EVENT_TYPES)

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  target_url: 'Where to: https, without credentials and fragment.',
  events: 'What is sent. ["*"] or null: everything.',
  repositories: 'Globs over owner/repo. null: all of the owner.',
  is_active: 'false: nothing is sent.',
  rotate_secret: 'true: a new secret is made, and shown in this answer only.',
}

const SHOWN: Readonly<Record<string, JsonSchema>> = {
  slug_perm: text('Permanent id.'),
  target_url: url('Where to.'),
  events: listOf({ type: 'string', enum: ['*', ...EVENTS] }, 'What is sent; * is everything.'),
  repositories: {
    type: ['array', 'null'],
    items: { type: 'string' },
    description: 'Globs over owner/repo. null: all of the owner.',
  },
  is_active: flag('false: nothing is sent.'),
  created_at: instant('When it was made.'),
  created_by: orNull(text('By which key.')),
  updated_at: orNull(instant('When it was last changed.')),
  updated_by: orNull(text('By which key.')),
  self_url: url('Where the webhook is.'),
  deliveries_url: url('What was and will be sent.'),
  ping_url: url('Where a trial is asked for.'),
}

const SECRET = text('What signatures are made with; only in the answer that makes it.')

const DELIVERY: JsonSchema = record({
  slug_perm: text('Permanent id of the delivery.'),
  state: oneOf(STATES, 'What became of it.'),
  event: oneOf(EVENTS, 'What happened.'),
  event_id: text('Id of the event; the same in the deliveries of all webhooks.'),
  event_at: instant('When it happened.'),
  repository: orNull(text('Where, as owner/repo.')),
  token: orNull(text('Which token, by its slug_perm.')),
  token_name: orNull(text('The name of the token.')),
  attempts: count('How often it was tried.'),
  created_at: instant('When it was put on its way.'),
  last_attempt_at: orNull(instant('When it was last tried.')),
  last_status: { type: ['integer', 'null'], description: 'Status of the last answer.' },
  last_error: orNull(text('What went wrong last.')),
  next_attempt_at: orNull(instant('When it will be tried next.')),
})

/** Where webhooks may lead is up to the configuration. */
const ANY_TARGET = { judgeUrl: () => undefined, allowsAddress: () => false }

/** Components by their names. */
export function webhookSchemas(): Readonly<Record<string, JsonSchema>> {
  const { properties, required, ...rest } = record(SHOWN)
  return {
    Webhook: { ...rest, required, properties: { ...(properties as object), secret: SECRET } },
    WebhookCreation: {
      ...bodyOf(webhookCreation(ANY_TARGET), DESCRIPTIONS),
      examples: [{ target_url: 'https://hooks.example.com/postern', events: ['token.expiring'] }],
    },
    WebhookChange: {
      ...bodyOf(webhookChange(ANY_TARGET), DESCRIPTIONS),
      examples: [{ is_active: false }],
    },
    WebhookDelivery: DELIVERY,
  }
}
