import { SECRET_MASK } from '../../policy/secret.ts'
import { BROADCASTS_BODY } from '../broadcasts.ts'
import { BANDWIDTH_UNITS } from '../../policy/bandwidth.ts'
import { RESET_PERIODS } from '../../policy/reset.ts'
import { seconds } from '../field-schemas.ts'
import { GRACE_FIELD } from '../grace.ts'
import { TOKEN_FIELDS, UNSUPPORTED_FIELDS } from '../token-fields.ts'
import { MOST_SYNCED, SYNC_BODY } from '../token-sync.ts'
import { bulkSchemas } from './bulk-schemas.ts'
import {
  always,
  count,
  describeFields,
  flag,
  inputOf,
  instant,
  listOf,
  oneOf,
  orNull,
  propertiesOf,
  record,
  refTo,
  text,
  url,
  type JsonSchema,
} from './json-schema.ts'

/** Of what can be set. docs/tokens.md says more. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  name: 'Whose token it is.',
  token:
    'The secret: letters, digits, dots, hyphens and underscores. Left out, or null where a secret is due, one is generated.',
  is_active: 'false switches the token off.',
  limit_date_range_from: 'First instant at which it works.',
  limit_date_range_to: 'First instant at which it no longer works.',
  limit_num_downloads: 'Most downloads in a counting period.',
  limit_num_clients: 'Most client addresses that packages are downloaded from; IPv6 counts by its /64.',
  clients_window: 'Seconds after which a client unseen for so long gives its place to another.',
  limit_bandwidth: 'Most body bytes in a counting period, in limit_bandwidth_unit.',
  limit_bandwidth_unit: 'Unit of limit_bandwidth, each a thousand of the one before. null: Byte.',
  limit_rate: 'Requests a second, averaged.',
  limit_concurrency: 'Most package downloads under way at once.',
  limit_networks: 'Addresses and ranges that it works from. Empty: none. null: all.',
  limit_published_until: 'Packages that the storage dates later are refused.',
  starts_on_first_download:
    'true: the window begins with the first download, and is as long as its two dates are apart.',
  scheduled_reset_period: 'How often downloads, clients and bandwidth begin anew at zero. null: never.',
  scheduled_reset_at: 'From when the periods are counted. null: from the creation.',
  previous_secret_valid_until: 'Until when the previous secret goes on working. null: no longer.',
  limit_packages:
    'Rules like name, name@range, format:name and !name; the last that matches decides. null: all.',
  limit_package_query: 'Cloudsmith’s query over packages.',
  limit_path_query: 'Cloudsmith’s query over paths.',
  repositories: 'Globs over owner/repo that it opens. null: the one it was made in, or all of the owner.',
  metadata: 'A JSON object of your own, at most 16 KB.',
  eula_required: 'true: it opens no repository that has a EULA until that is accepted. null: false.',
  access_private_broadcasts: 'Not supported; only what asks for nothing is taken.',
  [GRACE_FIELD]: 'Seconds for which the replaced secret goes on working. null: none.',
}

function settable(): Readonly<Record<string, JsonSchema>> {
  const fields = Array.from(TOKEN_FIELDS, ([name, { schema }]) => [name, inputOf(schema)] as const)
  const unsupported = Array.from(UNSUPPORTED_FIELDS, ([name, values]) => [name, { enum: values }] as const)
  return describeFields(Object.fromEntries([...fields, ...unsupported]), DESCRIPTIONS)
}

/** A token as answers show it; a test holds real answers against it. */
function shown(): JsonSchema {
  const { previous_secret_valid_until: previousEnd = {}, ...input } = settable()
  const { access_private_broadcasts: _broadcasts, ...fields } = input
  const asAnswered = {
    ...fields,
    token: text('The secret, or asterisks: it is shown with show_tokens only, to a key that may see it.', {
      examples: [SECRET_MASK],
    }),
    eula_required: flag('Whether it opens no repository that has a EULA until that is accepted.'),
    limit_bandwidth_unit: oneOf(BANDWIDTH_UNITS, 'Unit of limit_bandwidth.'),
    scheduled_reset_period: oneOf(
      RESET_PERIODS,
      'How often downloads, clients and bandwidth begin anew at zero.',
    ),
  }
  return record({
    ...asAnswered,
    ...STATE,
    previous_secret_valid_until: previousEnd,
    ...EULA,
    ...HISTORY,
    ...NEUTRAL,
  })
}

const STATE: Readonly<Record<string, JsonSchema>> = {
  slug_perm: text('Permanent id. Never secret.'),
  owner: text('Whose it is.'),
  repository: orNull(text('The repository it was made in, as owner/repo. null: it belongs to the owner.')),
  has_limits: flag('Whether anything narrows what it opens, how often or when.'),
  is_limited: flag('Whether a limit would refuse the next download of a new client.'),
  downloads: count('Downloads since the counters last began anew.'),
  clients: count('Clients since then.'),
  bandwidth: count('Body bytes since then, those of deliveries under way included.'),
  usage: text('The same as a sentence.'),
  last_used_at: orNull(instant('When something was last delivered.')),
  last_reset_at: orNull(instant('When the counters last began anew.')),
  next_reset_at: orNull(instant('When they will, by the schedule.')),
  first_download_at: orNull(instant('When the first download began the window.')),
  expires_at: orNull(instant('End of the window as it stands.')),
  secret_last_used_at: orNull(instant('Last use of the current secret.')),
  previous_secret_last_used_at: orNull(instant('Last use of the one before.')),
}

const EULA: Readonly<Record<string, JsonSchema>> = {
  eula_accepted: record(
    { identifier: always(null), number: orNull(count('Revision.')) },
    { description: 'What was accepted in the token’s own repository.' },
  ),
  eula_accepted_at: orNull(instant('When.')),
  eula_accepted_from: orNull(text('From which address.')),
}

const HISTORY: Readonly<Record<string, JsonSchema>> = {
  created_at: instant('When it was made.'),
  created_by: orNull(text('By which key.')),
  created_by_url: always(null),
  updated_at: orNull(instant('When it was last changed.')),
  updated_by: orNull(text('By which key.')),
  updated_by_url: always(null),
  self_url: url('Where the token is.'),
  enable_url: url('Where it is switched on.'),
  disable_url: url('Where it is switched off.'),
  refresh_url: url('Where it is given a new secret.'),
  reset_url: url('Where its counters are set to zero.'),
}

const NEUTRAL: Readonly<Record<string, JsonSchema>> = {
  identifier: always(null),
  default: always(false),
  user: always(null),
  user_url: always(null),
  access_private_broadcasts: always(false),
}

function body(properties: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema {
  return { type: 'object', additionalProperties: false, ...more, properties }
}

/** Components by their names. */
export function tokenSchemas(): Readonly<Record<string, JsonSchema>> {
  const fields = settable()
  const orGenerated = { ...fields, token: orNull(fields['token'] ?? {}) }
  const grace = describeFields({ [GRACE_FIELD]: inputOf(seconds) }, DESCRIPTIONS)
  return {
    ...bulkSchemas(orGenerated),
    Token: shown(),
    TokenCreation: body(orGenerated, { required: ['name'], examples: [{ name: 'Example Ltd' }] }),
    TokenChange: body(fields, { examples: [{ limit_num_downloads: 1000 }] }),
    TokenRefresh: body({ ...orGenerated, ...grace }, { examples: [{ [GRACE_FIELD]: 604_800 }] }),
    TokenSync: body(
      describeFields(propertiesOf(inputOf(SYNC_BODY)), {
        source: 'Another repository of the same owner, by its name.',
      }),
      { required: ['source'], examples: [{ source: 'other' }] },
    ),
    EulaAcceptance: record({
      repository: text('Of which repository, as owner/repo.'),
      revision: count('Which revision.'),
      accepted_at: instant('When.'),
      accepted_from: text('From which address.'),
    }),
    SyncedTokens: record({ tokens: listOf(refTo('Token'), `The copies, at most ${MOST_SYNCED}.`) }),
    TokenBroadcasts: body(
      describeFields(propertiesOf(inputOf(BROADCASTS_BODY)), {
        access_private_broadcasts: 'Only false: there are no broadcasts.',
      }),
      { required: ['access_private_broadcasts'], examples: [{ access_private_broadcasts: false }] },
    ),
  }
}
