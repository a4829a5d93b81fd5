import { FORMAT_POLICIES } from '../../policy/formats.ts'
import {
  count,
  flag,
  instant,
  listOf,
  oneOf,
  orNull,
  record,
  refTo,
  text,
  type JsonSchema,
} from './json-schema.ts'

const FORMATS = Object.keys(FORMAT_POLICIES)

const REFUSALS: JsonSchema = {
  type: 'object',
  additionalProperties: { type: 'integer', minimum: 0 },
  description: 'Refused requests by the code of the refusal; docs/errors.md has the codes.',
}

const SUMS: Readonly<Record<string, JsonSchema>> = {
  downloads: count('Downloads that were charged.'),
  bandwidth: count('Body bytes that were sent.'),
  clients: count('Different clients, counted or well estimated.'),
  refusals: REFUSALS,
}

const SPAN: Readonly<Record<string, JsonSchema>> = {
  interval: oneOf(['hour', 'day'], 'How long a bucket is.'),
  start: instant('Beginning of the first bucket.'),
  finish: instant('End of the last bucket.'),
}

const BUCKETS = listOf(record({ start: instant('Beginning of the bucket.'), ...SUMS }), 'Oldest first.')

const USAGE: JsonSchema = record({
  ...SPAN,
  total: record(SUMS, { description: 'All of them together.' }),
  buckets: BUCKETS,
})

const LEADER: JsonSchema = record({
  token: text('slug_perm of the token.'),
  name: text('Its name.'),
  owner: text('Its owner.'),
  repository: orNull(text('Its repository, as owner/repo. null: it belongs to the owner.')),
  ...SUMS,
})

const LEADERS: JsonSchema = record({
  ...SPAN,
  considered: count('How many tokens were looked at.'),
  is_complete: flag('Whether these are all that were used or refused in this time.'),
  total: record(SUMS, { description: 'Those tokens together.' }),
  buckets: BUCKETS,
  most_downloads: listOf(
    refTo('Leader'),
    'Tokens by their downloads. None, to a key that may not see tokens.',
  ),
  most_bandwidth: listOf(refTo('Leader'), 'By their bytes.'),
  most_refusals: listOf(refTo('Leader'), 'By how often they were refused.'),
})

const CLIENT: JsonSchema = record({
  address: text('Address of the client; IPv6 as its /64.'),
  downloads: count('Downloads in this counting period.'),
  first_seen_at: orNull(instant('First download.')),
  last_seen_at: instant('Last download.'),
})

const DOWNLOADED: Readonly<Record<string, JsonSchema>> = {
  downloads: count('Downloads.'),
  bandwidth: count('Body bytes.'),
  first_downloaded_at: instant('First download.'),
  last_downloaded_at: instant('Last download.'),
}

const PACKAGE_FIELDS: Readonly<Record<string, JsonSchema>> = {
  name: text('Name, or that of the file where it has none.'),
  version: text('Version; empty where it has none.'),
  format: oneOf(FORMATS, 'Kind of repository.'),
  filename: text('Path of the file.'),
  slug_perm: text('What it is called in URLs.'),
  repository: text('Where it lies.'),
  ...DOWNLOADED,
}

const PACKAGE: JsonSchema = record({
  ...PACKAGE_FIELDS,
  namespace: text('Owner of the repository.'),
  status_str: { const: 'Completed', description: 'Always this, for Cloudsmith’s clients.' },
})

const DOWNLOADER: JsonSchema = record({
  token: text('slug_perm of the token.'),
  token_name: text('Name of the token.'),
  version: text('Version; empty where it has none.'),
  filename: text('Path of the file.'),
  ...DOWNLOADED,
})

const DOWNLOAD: JsonSchema = record({
  time: instant('When it was asked for.'),
  repository: text('Where, as owner/repo.'),
  token: text('slug_perm of the token.'),
  token_name: text('Name of the token.'),
  format: oneOf(FORMATS, 'Kind of repository.'),
  package: orNull(text('Name of the package.')),
  version: orNull(text('Version of the package.')),
  filename: text('Path of the file.'),
  client: text('Address of the client, or the part of it that is recorded.'),
  user_agent: orNull(text('What the client calls itself.')),
  status: { type: ['integer', 'null'], description: 'Status of the answer. null: a charge was given back.' },
  bytes: count('Body bytes that were sent.'),
  downloads: { type: 'integer', description: 'Charged for it; -1: one was given back.' },
  duration_ms: { type: ['number', 'null'], minimum: 0, description: 'How long it took.' },
  id: text('Unique.'),
})

const BYTES: JsonSchema = record({
  display: text('For people.'),
  units: { const: 'bytes' },
  value: count('Bytes.'),
})
const NUMBER: JsonSchema = record({ value: count('How many.') })

function summaryOf(value: JsonSchema): JsonSchema {
  return record({ average: value, highest: value, lowest: value, total: value })
}

const FIGURES: JsonSchema = record({
  active: count('How many had downloads.'),
  inactive: count('How many had none.'),
  total: count('How many there are.'),
  bandwidth: summaryOf(BYTES),
  downloads: summaryOf(NUMBER),
})

/** Components by their names. */
export const USAGE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Usage: USAGE,
  Leader: LEADER,
  Leaders: LEADERS,
  Client: CLIENT,
  Package: PACKAGE,
  UsedPackage: record(PACKAGE_FIELDS),
  Downloader: DOWNLOADER,
  Download: DOWNLOAD,
  Figures: FIGURES,
  TokenFigures: record({ tokens: refTo('Figures') }),
  PackageFigures: record({ packages: refTo('Figures') }),
}
