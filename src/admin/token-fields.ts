import { z } from 'zod'
import type { BadQuery } from '../policy/query/compile.ts'
import { PACKAGE_FIELDS } from '../policy/query/fields.ts'
import { compilePackageQuery } from '../policy/query/package-query.ts'
import { compilePathQuery } from '../policy/query/path-query.ts'
import { compileNetworks } from '../policy/networks.ts'
import { compileRepositoryGlobs } from '../policy/repositories.ts'
import { compilePackageRules } from '../policy/scope.ts'
import { isPlausibleSecret } from '../policy/secret.ts'
import type { TokenFields } from '../policy/types.ts'
import { didYouMean } from '../text/near.ts'
import { isObject } from './body.ts'
import {
  bandwidthUnit,
  count,
  flag,
  flagOrNull,
  instant,
  list,
  name,
  rate,
  resetPeriod,
  seconds,
  wanted,
} from './field-schemas.ts'

const MOST_METADATA_BYTES = 16 * 1024
const DEEPEST_METADATA = 16

const secret = z
  .string(wanted('text'))
  .refine(
    isPlausibleSecret,
    'A secret has 8 to 48 letters, digits, dots, hyphens and underscores, begins with a letter or digit, is no word that ' +
      'stands in the paths of the gate, and if it looks like a generated one, its checksum is right.',
  )
  .meta({ minLength: 8, maxLength: 48 })

const metadata = z
  .custom<NonNullable<TokenFields['metadata']>>(isObject, wanted('a JSON object, or null'))
  .refine((value) => isShallow(value, DEEPEST_METADATA), {
    error: `At most ${DEEPEST_METADATA} levels of nesting are allowed.`,
    abort: true,
  })
  .refine(isWellFormed, { error: 'This has text that is no valid Unicode.', abort: true })
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= MOST_METADATA_BYTES, {
    error: `At most ${MOST_METADATA_BYTES / 1024} KB of JSON are allowed.`,
  })
  .meta({ type: 'object' })
  .nullable()

/** What a body sets on a token; what it leaves out is absent. */
export interface TokenInput extends Partial<TokenFields> {
  readonly secret?: string
  readonly previousValidUntil?: number | null
}

/** The property of a token that a field sets, and how its value is read. */
type TokenField = {
  readonly [Property in keyof TokenInput]-?: {
    readonly property: Property
    readonly schema: z.ZodType<Exclude<TokenInput[Property], undefined>>
  }
}[keyof TokenInput]

/** What can be set on a token, by Cloudsmith's name. null clears a limit. */
export const TOKEN_FIELDS: ReadonlyMap<string, TokenField> = new Map<string, TokenField>([
  ['name', { property: 'name', schema: name }],
  ['token', { property: 'secret', schema: secret }],
  ['is_active', { property: 'isActive', schema: flag }],
  ['limit_date_range_from', { property: 'validFrom', schema: instant }],
  ['limit_date_range_to', { property: 'validUntil', schema: instant }],
  ['limit_num_downloads', { property: 'limitDownloads', schema: count }],
  ['limit_num_clients', { property: 'limitClients', schema: count }],
  ['clients_window', { property: 'clientsWindowMs', schema: seconds }],
  ['limit_bandwidth', { property: 'limitBandwidth', schema: count }],
  ['limit_bandwidth_unit', { property: 'limitBandwidthUnit', schema: bandwidthUnit }],
  ['limit_rate', { property: 'limitRate', schema: rate }],
  ['limit_concurrency', { property: 'limitConcurrency', schema: count }],
  ['limit_networks', { property: 'networks', schema: list(compileNetworks) }],
  ['limit_published_until', { property: 'publishedUntil', schema: instant }],
  ['starts_on_first_download', { property: 'startsOnFirstDownload', schema: flag }],
  ['scheduled_reset_period', { property: 'resetPeriod', schema: resetPeriod }],
  ['scheduled_reset_at', { property: 'resetAnchor', schema: instant }],
  ['previous_secret_valid_until', { property: 'previousValidUntil', schema: instant }],
  ['limit_packages', { property: 'packages', schema: list(compilePackageRules) }],
  ['limit_package_query', { property: 'packageQuery', schema: query(compilePackageQuery) }],
  ['limit_path_query', { property: 'pathQuery', schema: query(compilePathQuery) }],
  ['repositories', { property: 'repositories', schema: list(compileRepositoryGlobs) }],
  ['eula_required', { property: 'eulaRequired', schema: flagOrNull }],
  ['metadata', { property: 'metadata', schema: metadata }],
])

/** Cloudsmith's fields that limit what this version can't limit, with the values that ask for nothing. */
export const UNSUPPORTED_FIELDS: ReadonlyMap<string, readonly unknown[]> = new Map<
  string,
  readonly unknown[]
>([['access_private_broadcasts', [null, false]]])

/** A query that `compile` accepts; an empty one is none. Its problems are reported at their places, counted from 1. */
function query(compile: (text: string) => { readonly ok: true } | BadQuery): z.ZodType<string | null> {
  return z
    .string(wanted('text, or null'))
    .superRefine((text, context) => {
      const result = text === '' || compile(text)
      if (result === true || result.ok) return
      for (const { position, problem, unknownField } of result.problems) {
        const guess = unknownField === undefined ? '' : didYouMean(unknownField, PACKAGE_FIELDS.keys())
        context.addIssue({ code: 'custom', message: `character ${position + 1}: ${problem}${guess}` })
      }
    })
    .transform((text) => (text === '' ? null : text))
    .nullable()
}

/** JSON can escape halves of characters, which are no text: stores would keep something else, or nothing. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every((entry) => entry.every(isWellFormed))
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1))
}
