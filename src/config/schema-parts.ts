import { z } from 'zod'
import { didYouMean, nearest } from '../text/near.ts'
import { parseDuration } from './duration.ts'
import { quote, type Parsed } from './parsed.ts'
import { parseSize } from './size.ts'

type Raw = Parameters<z.core.$ZodErrorMap>[0]

/** Says that a value is missing or of another type than `wanted`. */
export function wrongType(wanted: string): (issue: Raw) => string {
  return ({ input }) => {
    if (input === undefined) return `is missing; it is ${wanted}`
    if (input === null) return `has no value; it is ${wanted}`
    return `must be ${wanted}, not ${typeName(input)}`
  }
}

/** Text that `parse` understands. `example` ends the message for what is no text. */
export function text<T>(parse: (text: string) => Parsed<T>, example: string): z.ZodType<T, string> {
  return z.string({ error: wrongType(`text like ${example}`) }).transform((given, context): T => {
    const parsed = parse(given)
    if (parsed.ok) return parsed.value
    context.addIssue({ code: 'custom', message: parsed.why })
    return z.NEVER
  })
}

export type Setting<T> = z.ZodPrefault<z.ZodType<T, string>>

/** Text that `parse` understands; `byDefault` where the file is silent. */
export function setting<T>(
  parse: (text: string) => Parsed<T>,
  byDefault: string,
  description: string,
): Setting<T> {
  return text(parse, byDefault).prefault(byDefault).meta({ description })
}

/** A duration of `leastMs` or more, in ms. */
export function duration(byDefault: string, leastMs: number, description: string): Setting<number> {
  return setting((given) => parseDuration(given, leastMs), byDefault, description)
}

/** A size between two numbers of bytes. */
export function size(byDefault: string, least: number, most: number, description: string): Setting<number> {
  return setting((given) => parseSize(given, least, most), byDefault, description)
}

/** One of a few words. `synonyms` are words of others that are explained, not accepted. */
export function choice<const T extends string>(
  words: readonly T[],
  synonyms: Readonly<Record<string, T>> = {},
): z.ZodType<T, T> {
  const wanted = `one of ${words.join(', ')}`
  return z.enum(words, {
    error: (issue) => {
      if (typeof issue.input !== 'string') return wrongType(wanted)(issue)
      const synonym = Object.hasOwn(synonyms, issue.input) ? synonyms[issue.input] : undefined
      const hint = synonym === undefined ? didYouMean(issue.input, words) : ` (did you mean ${synonym}?)`
      return `must be ${wanted}, not ${quote(issue.input)}${hint}`
    },
  }) as unknown as z.ZodType<T, T>
}

export function flag(byDefault: boolean, description: string): z.ZodDefault<z.ZodBoolean> {
  return z
    .boolean({ error: wrongType('true or false') })
    .default(byDefault)
    .meta({ description })
}

export function wholeNumber(
  least: number,
  most: number,
  byDefault: number,
  description: string,
): z.ZodDefault<z.ZodInt> {
  return numberBetween(least, most).default(byDefault).meta({ description })
}

/** A whole number without a default. */
export function numberBetween(least: number, most: number): z.ZodInt {
  const wanted = `a whole number from ${least} to ${most}`
  return z
    .int({
      error: (issue) => (typeof issue.input === 'number' ? `must be ${wanted}` : wrongType(wanted)(issue)),
    })
    .min(least, `must be ${wanted}`)
    .max(most, `must be ${wanted}`)
}

/** A group of keys. The message about unknown keys has a line for each of them, in order. */
export function group<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(shape)
  const wanted = `a group with the keys ${known.join(', ')}`
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return wrongType(wanted)(issue)
      return issue.keys.map((key) => unknownKey(key, known)).join('\n')
    },
  })
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known)
  return near === undefined
    ? `is unknown here; known are ${known.join(', ')}`
    : `is unknown here; did you mean ${near}?`
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a group of keys'
  if (typeof value === 'string') return 'text'
  return typeof value === 'boolean' ? 'true or false' : 'a number'
}
