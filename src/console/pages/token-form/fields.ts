import { BANDWIDTH_UNITS } from '../../../policy/bandwidth.ts'
import { RESET_PERIODS } from '../../../policy/reset.ts'
import type { TokenJson } from '../../api/types.ts'

/** How a field is written, and read. */
type Kind = 'text' | 'flag' | 'instant' | 'count' | 'rate' | 'seconds' | 'choice' | 'list' | 'query' | 'json'

/** What can be set on a token, by the API's names. */
export type FieldName = Extract<
  keyof TokenJson,
  | 'name'
  | 'token'
  | 'is_active'
  | 'metadata'
  | 'previous_secret_valid_until'
  | 'repositories'
  | 'starts_on_first_download'
  | 'eula_required'
  | `limit_${string}`
  | 'clients_window'
  | 'scheduled_reset_period'
  | 'scheduled_reset_at'
>

/** A field of the form. */
export interface Field {
  readonly name: FieldName
  readonly kind: Kind
  readonly label: string
  /** What it does, and what leaving it empty means. */
  readonly hint: string
  readonly options?: readonly string[]
  readonly example?: string
}

interface Group {
  readonly title: string
  readonly fields: readonly Field[]
}

function field(name: FieldName, kind: Kind, label: string, hint: string, more: Partial<Field> = {}): Field {
  return { name, kind, label, hint, ...more }
}

const WHO: Group = {
  title: 'Whose it is',
  fields: [
    field('name', 'text', 'Name', 'The customer, as your colleagues know them.'),
    field('token', 'text', 'Secret of your own', 'Empty: a strong one is made, which is better.'),
    field(
      'is_active',
      'flag',
      'Switched on',
      'Switched off, it opens nothing until it is switched on again.',
    ),
  ],
}

const WHEN: Group = {
  title: 'When it works',
  fields: [
    field('limit_date_range_from', 'instant', 'Works from (UTC)', 'Empty: from now on.'),
    field('limit_date_range_to', 'instant', 'Works until (UTC)', 'Empty: without an end.'),
    field(
      'starts_on_first_download',
      'flag',
      'Its time begins with the first download',
      'Then the two dates say how long it works: as long as they are apart.',
    ),
    field(
      'previous_secret_valid_until',
      'instant',
      'Old secret works until (UTC)',
      'Empty: the old secret ends now.',
    ),
  ],
}

const HOW_MUCH: Group = {
  title: 'How much',
  fields: [
    field('limit_num_downloads', 'count', 'Most downloads', 'Empty: not limited. 0: none at all.'),
    field('limit_num_clients', 'count', 'Most clients', 'Addresses that packages go to. Empty: not limited.'),
    field('clients_window', 'seconds', 'Clients are forgotten after', 'Like 30d or 12h. Empty: at a reset.', {
      example: '30d',
    }),
    field('limit_bandwidth', 'count', 'Most bandwidth', 'A whole number of the unit. Empty: not limited.'),
    field('limit_bandwidth_unit', 'choice', 'Unit of bandwidth', 'Each is a thousand of the one before.', {
      options: BANDWIDTH_UNITS,
    }),
    field('limit_rate', 'rate', 'Requests a second', 'Averaged, such as 0.5 or 20. Empty: not limited.'),
    field('limit_concurrency', 'count', 'Downloads at once', 'Of packages. Empty: not limited.'),
    field(
      'scheduled_reset_period',
      'choice',
      'Counts anew',
      'When downloads, clients, bandwidth restart at 0.',
      {
        options: RESET_PERIODS,
      },
    ),
    field('scheduled_reset_at', 'instant', 'Periods counted from (UTC)', 'Empty: from when it was made.'),
  ],
}

const WHAT: Group = {
  title: 'What it opens',
  fields: [
    field('repositories', 'list', 'Repositories', 'One owner/repo a line, with * and ?.', {
      example: 'acme/stable\nacme/tools-*',
    }),
    field(
      'limit_packages',
      'list',
      'Packages',
      'One rule a line; the last that matches decides; ! forbids.',
      {
        example: 'widget\nnpm:@acme/*@^2\n!widget-internal',
      },
    ),
    field(
      'limit_package_query',
      'query',
      'Package query',
      'Such as name:^widget AND version:<3. Empty: all.',
    ),
    field(
      'eula_required',
      'flag',
      'Only once the license agreement is accepted',
      'For repositories that have one (EULA): until then nothing is delivered.',
    ),
    field('limit_path_query', 'query', 'Path query', 'Patterns over paths, such as ^/tools/. Empty: all.'),
    field(
      'limit_published_until',
      'instant',
      'Published until (UTC)',
      'Later packages are refused. Empty: all.',
    ),
  ],
}

const WHERE: Group = {
  title: 'From where',
  fields: [
    field('limit_networks', 'list', 'Networks', 'One address or range a line.', {
      example: '203.0.113.0/24\n2001:db8::/32',
    }),
  ],
}

const NOTES: Group = {
  title: 'Notes of your own',
  fields: [field('metadata', 'json', 'Metadata', 'Postern never reads it; tokens can be searched by it.')],
}

/** The form, from top to bottom. */
export const GROUPS: readonly Group[] = [WHO, WHEN, HOW_MUCH, WHAT, WHERE, NOTES]

/** All fields, in the order of the form. */
export const FIELDS: readonly Field[] = GROUPS.flatMap(({ fields }) => fields)
