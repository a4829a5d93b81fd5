import { z } from 'zod'
import { compileRepositoryGlobs, type BadList } from '../policy/repositories.ts'
import { compilePackageRules } from '../policy/scope.ts'
import { isPlausibleSecret } from '../policy/secret.ts'
import type { TokenFields } from '../policy/types.ts'
import { isObject } from './body.ts'
import { parseInstant } from './instants.ts'

const LONGEST_NAME = 200
const LONGEST_ENTRY = 512
const MOST_ENTRIES = 1_000
const MOST_METADATA_BYTES = 16 * 1024
const DEEPEST_METADATA = 16

const name = z
  .string(wanted('text'))
  .refine((text) => text.trim() !== '', 'This field may not be blank.')
  .refine(
    (text) => Array.from(text).length <= LONGEST_NAME,
    `At most ${LONGEST_NAME} characters are allowed.`,
  )
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'Control characters are not allowed.')
  .refine((text) => text.isWellFormed(), 'This is no valid Unicode text.')

const secret = z
  .string(wanted('text'))
  .refine(
    isPlausibleSecret,
    'A secret has 8 to 48 letters, digits, dots, hyphens and underscores, begins with a letter or digit, is no word that ' +
      'stands in the paths of the gate, and if it looks like a generated one, its checksum is right.',
  )

const flag = z.boolean(wanted('true or false'))

const instant = z
  .string(wanted('text such as 2030-12-31T00:00:00Z, or null'))
  .transform((text, context) => {
    const parsed = parseInstant(text)
    if (parsed !== undefined) return parsed
    const message = 'This is no instant from 1970 to 9999; write one like 2030-12-31T00:00:00Z.'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
  .nullable()

const WHOLE_NUMBER = `This field must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, or null.`
const limit = z.int(WHOLE_NUMBER).min(0, WHOLE_NUMBER).nullable()

const metadata = z
  .custom<NonNullable<TokenFields['metadata']>>(isObject, wanted('a JSON object, or null'))
  .refine((value) => isShallow(value, DEEPEST_METADATA), {
    error: `At most ${DEEPEST_METADATA} levels of nesting are allowed.`,
    abort: true,
  })
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= MOST_METADATA_BYTES, {
    error: `At most ${MOST_METADATA_BYTES / 1024} KB of JSON are allowed.`,
  })
  .nullable()

/** What a body sets on a token; what it leaves out is absent. */
export interface TokenInput extends Partial<TokenFields> {
  readonly secret?: string
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
  ['limit_num_downloads', { property: 'limitDownloads', schema: limit }],
  ['limit_num_clients', { property: 'limitClients', schema: limit }],
  ['limit_packages', { property: 'packages', schema: list(compilePackageRules) }],
  ['repositories', { property: 'repositories', schema: list(compileRepositoryGlobs) }],
  ['metadata', { property: 'metadata', schema: metadata }],
])

/** Cloudsmith's fields that limit what this version can't limit, with the values that ask for nothing. */
export const UNSUPPORTED_FIELDS: ReadonlyMap<string, readonly unknown[]> = new Map<
  string,
  readonly unknown[]
>([
  ['limit_bandwidth', [null]],
  ['limit_bandwidth_unit', [null, 'Byte']],
  ['limit_package_query', [null, '']],
  ['limit_path_query', [null, '']],
  ['scheduled_reset_period', [null, 'Never Reset']],
  ['scheduled_reset_at', [null]],
  ['eula_required', [null, false]],
  ['access_private_broadcasts', [null, false]],
])

/** The message for a value of another type. */
function wanted(type: string): { readonly error: (issue: { readonly input: unknown }) => string } {
  const isNullable = type.endsWith('null')
  const error = ({ input }: { readonly input: unknown }): string =>
    input === null && !isNullable ? 'This field may not be null.' : `This field must be ${type}.`
  return { error }
}

/** A list of texts that `compile` accepts; its problems are reported at their places. */
function list(
  compile: (entries: readonly string[]) => { readonly ok: true } | BadList,
): z.ZodType<readonly string[] | null> {
  const entry = z
    .string(wanted('text'))
    .max(LONGEST_ENTRY, { error: `At most ${LONGEST_ENTRY} characters are allowed.`, abort: true })
  return z
    .array(entry, wanted('a list of texts, or null'))
    .max(MOST_ENTRIES, { error: `At most ${MOST_ENTRIES} entries are allowed.`, abort: true })
    .superRefine((entries, context) => {
      const result = compile(entries)
      if (result.ok) return
      for (const { index, message } of result.problems) {
        context.addIssue({ code: 'custom', path: [index], message })
      }
    })
    .nullable()
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1))
}
