import { unusable } from './errors.ts'
import { clean } from './text.ts'

/** Reads the fields of a JSON object that somebody else made. Absent fields are null; text comes fit for a terminal. */
export interface JsonFields {
  readonly text: (name: string) => string | null
  readonly number: (name: string) => number | null
  readonly flag: (name: string) => boolean | null
  readonly texts: (name: string) => readonly string[] | null
  readonly list: (name: string) => readonly unknown[]
  readonly raw: (name: string) => unknown
}

/** @throws CliError when `value` is no object. */
export function readFields(value: unknown): JsonFields {
  if (!isObject(value)) throw unexpected()
  const raw = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : null)
  const list = (name: string): readonly unknown[] | null => {
    const found = raw(name)
    return Array.isArray(found) ? found : null
  }
  return {
    raw,
    text: (name) => asText(raw(name)),
    number: (name) => {
      const found = raw(name)
      return typeof found === 'number' ? found : null
    },
    flag: (name) => {
      const found = raw(name)
      return typeof found === 'boolean' ? found : null
    },
    texts: (name) => list(name)?.flatMap((each) => asText(each) ?? []) ?? null,
    list: (name) => list(name) ?? [],
  }
}

/** @throws CliError when `value` is no list. */
export function readList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpected()
  return value
}

/** The answer has another form than the management API gives it. */
export function unexpected(): Error {
  return unusable(
    'The answer is not one of the management API of this version. Do POSTERN_API and --api name the right place?',
  )
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? clean(value) : null
}
