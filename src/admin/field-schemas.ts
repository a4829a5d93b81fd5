import { z } from 'zod'
import { BANDWIDTH_UNITS, type BandwidthUnit } from '../policy/bandwidth.ts'
import type { BadList } from '../policy/repositories.ts'
import { RESET_PERIODS, type ResetPeriod } from '../policy/reset.ts'
import { parseInstant } from './instants.ts'

const LONGEST_ENTRY = 512
const MOST_ENTRIES = 1_000
const LEAST_RATE = 0.001
const MOST_RATE = 1_000_000
/** Ten years. */
const MOST_SECONDS = 3_650 * 86_400

/** The message for a value of another type. */
export function wanted(type: string): { readonly error: (issue: { readonly input: unknown }) => string } {
  const isNullable = type.endsWith('null')
  const error = ({ input }: { readonly input: unknown }): string =>
    input === null && !isNullable ? 'This field may not be null.' : `This field must be ${type}.`
  return { error }
}

const LONGEST_NAME = 200

export const name: z.ZodType<string> = z
  .string(wanted('text'))
  .refine((text) => text.trim() !== '', 'This field may not be blank.')
  .refine(
    (text) => Array.from(text).length <= LONGEST_NAME,
    `At most ${LONGEST_NAME} characters are allowed.`,
  )
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'Control characters are not allowed.')
  .refine((text) => text.isWellFormed(), 'This is no valid Unicode text.')
  .meta({ minLength: 1, maxLength: LONGEST_NAME })

export const flag: z.ZodType<boolean> = z.boolean(wanted('true or false'))

/** Epoch ms. */
export const instant: z.ZodType<number | null> = z
  .string(wanted('text such as 2030-12-31T00:00:00Z, or null'))
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    const parsed = parseInstant(text)
    if (parsed !== undefined) return parsed
    const message = 'This is no instant from 1970 to 9999; write one like 2030-12-31T00:00:00Z.'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
  .nullable()

const WHOLE_NUMBER = `This field must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, or null.`

export const count: z.ZodType<number | null> = z.int(WHOLE_NUMBER).min(0, WHOLE_NUMBER).nullable()

/** How many of it can be counted: see cross-checks.ts. null is Cloudsmith's default. */
export const bandwidthUnit: z.ZodType<BandwidthUnit> = z
  .enum(BANDWIDTH_UNITS, `This field must be one of ${BANDWIDTH_UNITS.join(', ')}, or null.`)
  .nullable()
  .transform((unit) => unit ?? 'Byte')

const RATE = `This field must be a number of requests a second from ${LEAST_RATE} to ${MOST_RATE}, or null.`

export const rate: z.ZodType<number | null> = z
  .number(RATE)
  .min(LEAST_RATE, RATE)
  .max(MOST_RATE, RATE)
  .nullable()

const SECONDS = `This field must be a whole number of seconds from 1 to ${MOST_SECONDS}, or null.`

/** A time in whole seconds, read as ms. */
export const seconds: z.ZodType<number | null> = z
  .int(SECONDS)
  .min(1, SECONDS)
  .max(MOST_SECONDS, SECONDS)
  .transform((given) => given * 1000)
  .nullable()

/** null is no. */
export const flagOrNull: z.ZodType<boolean> = z
  .boolean(wanted('true, false or null'))
  .nullable()
  .transform((given) => given ?? false)

/** null is Cloudsmith's default. */
export const resetPeriod: z.ZodType<ResetPeriod> = z
  .enum(RESET_PERIODS, `This field must be one of ${RESET_PERIODS.join(', ')}, or null.`)
  .nullable()
  .transform((period) => period ?? 'Never Reset')

type CompileList = (entries: readonly string[]) => { readonly ok: true } | BadList

/** The same, or null. */
export function list(compile: CompileList): z.ZodType<readonly string[] | null> {
  return entries(compile, 'a list of texts, or null').nullable()
}

/** A list of texts that `compile` accepts; its problems are reported at their places. */
export function entries(compile: CompileList, type = 'a list of texts'): z.ZodType<readonly string[]> {
  const entry = z
    .string(wanted('text'))
    .max(LONGEST_ENTRY, { error: `At most ${LONGEST_ENTRY} characters are allowed.`, abort: true })
  return z
    .array(entry, wanted(type))
    .max(MOST_ENTRIES, { error: `At most ${MOST_ENTRIES} entries are allowed.`, abort: true })
    .superRefine((given, context) => {
      const result = compile(given)
      if (result.ok) return
      for (const { index, message } of result.problems) {
        context.addIssue({ code: 'custom', path: [index], message })
      }
    })
}
