import { AUDIT_EVENTS } from '../../policy/audit-event.ts'
import { TOKEN_ORDERS } from '../../policy/search/filter.ts'
import { ACTIONS, MATCHES } from '../bulk/wishes.ts'
import { DOWNLOAD_FORMATS } from '../history/download-formats.ts'
import { DEFAULT_SIZE, LARGEST_SIZE } from '../pagination.ts'
import { STATES } from '../webhook-deliveries.ts'
import type { JsonSchema } from './json-schema.ts'

/** What a parameter of a path stands for. */
const PATH_PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  owner: { description: 'Owner of repositories.', example: 'acme' },
  repo: { description: 'Name of a repository.', example: 'stable' },
  slug_perm: { description: 'Permanent id.', example: '01JD0000000000000000000001' },
  address: { description: 'Address of a client, as the list of clients has it.', example: '203.0.113.7' },
  name: { description: 'Name of a package, percent-encoded.', example: 'hello' },
  id: { description: 'Permanent id of a webhook.', example: '01JD0000000000000000000002' },
  delivery: { description: 'Permanent id of a delivery.', example: '01JD0000000000000000000003' },
}

const string = { type: 'string' }
const boolean = { type: 'boolean', default: false }
const instant = 'A date, or an instant like 2030-12-31T00:00:00Z; UTC where it does not say.'

/** Parameters of queries by the names that operations call them by: those that mean different things have different ones. */
const QUERIES: Readonly<Record<string, JsonSchema>> = {
  page: {
    description: 'Which page, from 1 on.',
    schema: { type: 'integer', minimum: 1, default: 1 },
  },
  page_size: {
    description: `Entries on a page, at most ${LARGEST_SIZE}.`,
    schema: { type: 'integer', minimum: 1, maximum: LARGEST_SIZE, default: DEFAULT_SIZE },
  },
  show_tokens: { description: 'Whether secrets are shown, to a key that may see them.', schema: boolean },
  action: {
    description: 'What is done with the tokens of the rows that do not say it themselves.',
    schema: { type: 'string', enum: ACTIONS, default: 'upsert' },
  },
  match: {
    description: 'By what a row without slug_perm finds its token.',
    schema: { type: 'string', enum: MATCHES, default: 'name' },
  },
  dry_run: { description: 'Whether it is only said what would be done.', schema: boolean },
  partial: { description: 'Whether rows that can be done are done when others can’t.', schema: boolean },
  token_format: {
    name: 'format',
    description: 'JSON lines or CSV.',
    schema: { type: 'string', enum: ['jsonl', 'csv'], default: 'jsonl' },
  },
  fuzzy: { description: 'Whether the token may be named by its name, too.', schema: boolean },
  active: { description: 'Whether only what is active is listed.', schema: boolean },
  token_query: {
    name: 'query',
    description: 'Which tokens, like name:acme AND downloads:>100. docs/search.md has the terms.',
    schema: string,
    example: 'name:acme',
  },
  token_sort: {
    name: 'sort',
    description: 'Their order; with a - before it the other way round.',
    schema: { type: 'string', enum: TOKEN_ORDERS.flatMap((each) => [each, `-${each}`]), default: 'name' },
  },
  eula_repository: {
    name: 'repository',
    description: 'Of this repository only, as owner/repo.',
    schema: string,
    example: 'acme/stable',
  },
  package_query: { name: 'query', description: 'Part of a name.', schema: string, example: 'hello' },
  start: { description: `From when on. ${instant}`, schema: string, example: '2030-01-01' },
  finish: { description: `Until when, included. ${instant}`, schema: string, example: '2030-01-31' },
  interval: {
    description: 'How long a bucket is.',
    schema: { type: 'string', enum: ['hour', 'day'], default: 'day' },
  },
  tokens: { description: 'slug_perms or secrets with commas between them. Left out: all.', schema: string },
  packages: { description: 'slug_perms or names with commas between them. Left out: all.', schema: string },
  package_version: { name: 'version', description: 'Only this version.', schema: string, example: '1.0' },
  token: { description: 'Only of this token, by its slug_perm.', schema: string },
  package: { description: 'Only of this package.', schema: string, example: 'hello' },
  client: { description: 'Only of this client, by its address.', schema: string, example: '203.0.113.7' },
  download_sort: {
    name: 'sort',
    description: 'Oldest or newest first. Left out: pages begin with the newest, exports with the oldest.',
    schema: { type: 'string', enum: ['time', '-time'] },
  },
  cursor: { description: 'Where the page before ended: follow Link.', schema: string },
  format: {
    description: 'A page as JSON, or everything as JSON lines or CSV.',
    schema: { type: 'string', enum: ['json', ...DOWNLOAD_FORMATS.keys()], default: 'json' },
  },
  audit_query: {
    name: 'query',
    description: 'Cloudsmith’s filter, like event:repo.entitlement.deleted AND actor:Operations.',
    schema: string,
    example: 'event:repo.entitlement.deleted',
  },
  actor: { description: 'Only by this key, by its name or slug_perm.', schema: string },
  event: {
    description: 'Only what is called so.',
    schema: { type: 'string', enum: Object.keys(AUDIT_EVENTS) },
  },
  object: { description: 'Only about this, by its name or slug_perm.', schema: string },
  since: { description: `From when on. ${instant}`, schema: string, example: '2030-01-01' },
  until: { description: `Until before when. ${instant}`, schema: string, example: '2030-02-01' },
  state: { description: 'Only what became this.', schema: { type: 'string', enum: STATES } },
}

/** What a change may be bound to. */
export const IF_MATCH: JsonSchema = {
  name: 'If-Match',
  in: 'header',
  description:
    'The ETag of what is changed, as it was read: if it was changed since, nothing is changed now.',
  schema: { type: 'string' },
}

export const PAGES: readonly string[] = ['page', 'page_size']

/** Parameters that no value of is refused. */
const LENIENT: ReadonlySet<string> = new Set(['page', 'page_size', 'show_tokens', 'active', 'package_query'])

/** Whether a value of one of them may be refused. */
export function canBeInvalid(names: readonly string[]): boolean {
  return names.some((name) => !LENIENT.has(name))
}

/** @throws for one that has no description: a mistake of ours. */
export function queryParameter(key: string): JsonSchema {
  const described = QUERIES[key]
  if (described === undefined) throw new Error(`The parameter ${key} of queries has no description`)
  return { name: key, in: 'query', ...described }
}

/** @throws for one that has no description: a mistake of ours. */
export function pathParameter(name: string): JsonSchema {
  const described = PATH_PARAMETERS[name]
  if (described === undefined) throw new Error(`The parameter ${name} of paths has no description`)
  return { name, in: 'path', required: true, ...described, schema: { type: 'string' } }
}
