import { AUDIT_EVENTS } from '../../policy/audit-event.ts'
import { FORMAT_POLICIES } from '../../policy/formats.ts'
import { ROLES } from '../../policy/roles.ts'
import { PURGE_BODY } from '../cache.ts'
import { EXPLAIN_BODY } from '../explain.ts'
import {
  always,
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

export const DETAIL: JsonSchema = text('What is wrong, as a sentence.')
const CODE = text('What is wrong, as a word that never changes its meaning.')
export const FIELD_ERRORS: JsonSchema = {
  type: 'object',
  additionalProperties: { type: 'array', items: { type: 'string' } },
  description: 'What is wrong with which field.',
}

const ERROR: JsonSchema = {
  type: 'object',
  required: ['detail', 'code'],
  properties: { detail: DETAIL, code: CODE, fields: FIELD_ERRORS },
}

const REPOSITORY: JsonSchema = record({
  name: text('Its name.'),
  slug: text('The same.'),
  slug_perm: text('The same.'),
  namespace: text('Its owner.'),
  namespace_url: url('The repositories of the owner.'),
  self_url: url('Where it is.'),
  cdn_url: orNull(url('Where packages are downloaded from. null: it is not configured.')),
  repository_type_str: oneOf(['Public', 'Private'], 'Whether everybody may read it.'),
  is_public: flag('Whether everybody may read it.'),
  is_private: flag('Whether a token is needed.'),
  is_open_source: always(false),
  user_entitlements_enabled: always(false),
  format: oneOf(Object.keys(FORMAT_POLICIES), 'Kind of repository.'),
  package_count: always(null),
  package_group_count: always(null),
  num_downloads: always(null),
  size: always(null),
  size_str: always(null),
})

const SELF: JsonSchema = record({
  authenticated: { const: true },
  name: text('Name of the key.'),
  slug: text('The same, without spaces.'),
  slug_perm: text('Permanent id of the key.'),
  role: text(`What it may do: ${ROLES.join(', ')}, or nothing.`),
  repositories: listOf({ type: 'string' }, 'Globs over owner/repo that it covers.'),
  expires_at: orNull(instant('First instant at which it no longer works.')),
  email: always(null),
  profile_url: always(null),
  self_url: url('This answer.'),
})

const NOWHERE = always(null)

const AUDIT_ENTRY: JsonSchema = record({
  actor: orNull(text('Name of the key that did it.')),
  actor_ip_address: orNull(text('From which address.')),
  actor_kind: text('What did it.'),
  actor_location: record(
    { city: NOWHERE, continent: NOWHERE, country: NOWHERE, country_code: NOWHERE, postal_code: NOWHERE },
    { description: 'Unknown: for Cloudsmith’s clients.' },
  ),
  actor_slug_perm: orNull(text('Permanent id of the key.')),
  actor_url: always(null),
  context: oneOf(['api', 'system', 'customer'], 'How it was done.'),
  event: oneOf(Object.keys(AUDIT_EVENTS), 'What was done.'),
  event_at: instant('When.'),
  object: orNull(text('Name of what was changed.')),
  object_kind: oneOf(['entitlement', 'api_key', 'webhook', 'repository', 'cache'], 'What was changed.'),
  object_slug_perm: orNull(text('Its permanent id.')),
  target: orNull(text('Its repository or owner.')),
  target_kind: orNull(oneOf(['repository', 'owner'], 'What target is.')),
  target_slug_perm: always(null),
  uuid: text('Id of the entry.'),
  user_agent: orNull(text('What the client calls itself.')),
  changes: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['before', 'after'],
      properties: { before: {}, after: {} },
    },
    description: 'Fields that changed. Of secrets it says that they did, never what they are.',
  },
})

const EXPLANATION: JsonSchema = record({
  allowed: flag('Whether the request would be served.'),
  token: orNull(
    record(
      {
        slug_perm: text('Its permanent id.'),
        name: text('Its name.'),
        owner: text('Its owner.'),
        repository: orNull(text('Its repository, as owner/repo. null: it belongs to the owner.')),
      },
      { description: 'By which token it was judged. null: by none.' },
    ),
  ),
  steps: listOf(
    record({
      step: text('Which step.'),
      ok: flag('Whether it went on from there.'),
      result: text('What was found.'),
    }),
    'The way of the request, as far as it gets.',
  ),
  answer: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { type: 'integer', description: 'Status that the client would be given.' },
      code: text('Code of the refusal; docs/errors.md has them.'),
      title: text('Its title.'),
      detail: text('Its sentence.'),
    },
  },
})

const EXPLAIN_FIELDS: Readonly<Record<string, string>> = {
  target: 'Path that a client asks for.',
  method: 'Method that a client uses.',
  client: 'IP address of the client. Left out: 127.0.0.1.',
  authorization: 'The header Authorization of the client.',
  host: 'The header Host of the client.',
  at: 'As if the request came then, with what is used by now. Left out: now.',
}

const PURGE_FIELDS: Readonly<Record<string, string>> = {
  repository: 'Which repository, as owner/repo. Left out: all.',
  path: 'A file, or all below a folder. Left out: everything.',
}

/** Components by their names. */
export function otherSchemas(): Readonly<Record<string, JsonSchema>> {
  return {
    Error: ERROR,
    InvalidInput: { ...ERROR, required: ['detail', 'code', 'fields'] },
    NoFields: { type: 'object', additionalProperties: false, examples: [{}] },
    Repository: REPOSITORY,
    Self: SELF,
    RateLimits: record({
      resources: { type: 'object', maxProperties: 0, description: 'Empty: no request is counted.' },
    }),
    Status: record({ detail: text('A greeting.'), version: text('Version of Postern.') }),
    AuditEntry: AUDIT_ENTRY,
    ExplainRequest: {
      ...bodyOf(EXPLAIN_BODY, EXPLAIN_FIELDS),
      examples: [{ target: '/basic/acme/stable/pool/hello_1.0_amd64.deb', client: '203.0.113.7' }],
    },
    Explanation: EXPLANATION,
    PurgeRequest: {
      ...bodyOf(PURGE_BODY, PURGE_FIELDS),
      examples: [{ repository: 'acme/stable' }],
    },
    Purged: record({ purged: count('Files that were forgotten.') }),
  }
}
