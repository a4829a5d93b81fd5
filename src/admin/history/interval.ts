import type { FieldErrors } from '../errors.ts'
import { parseInstant } from '../instants.ts'
import type { Call } from '../routes.ts'

/** From its first instant to the one behind its last. Epoch ms. */
export interface Interval {
  readonly from: number
  readonly until: number
}

type Read =
  | { readonly ok: true; readonly interval: Interval }
  | { readonly ok: false; readonly errors: FieldErrors }

const HOUR_MS = 3_600_000
export const DAY_MS: number = 24 * HOUR_MS
const DATE = /^\d{4}-\d\d-\d\d$/
const NO_INSTANT =
  'This is no date or instant from 1970 to 9999; write one like 2030-12-31 or 2030-12-31T00:00:00Z.'

/**
 * Reads `start` and `finish`: dates or instants, UTC where they do not say, both included: a date as `finish` is the whole day. What is left
 * out is as in `byDefault`.
 */
export function readInterval({ query }: Pick<Call, 'query'>, byDefault: Interval): Read {
  const errors = new Map<string, readonly string[]>()
  const read = (name: string, fallback: number, after: (text: string) => number): number => {
    const text = query(name)
    if (text === undefined || text === '') return fallback
    // In a query a plus is a space; before a zone it was one.
    const instant = parseInstant(text.replace(/ (?=\d\d:?\d\d$)/, '+'))
    if (instant === undefined) errors.set(name, [NO_INSTANT])
    return instant === undefined ? fallback : instant + after(text)
  }
  const from = read('start', byDefault.from, () => 0)
  const until = read('finish', byDefault.until, (text) => (DATE.test(text) ? DAY_MS : 1))
  if (errors.size === 0 && from >= until) errors.set('finish', ['This must not lie before start.'])
  return errors.size > 0 ? { ok: false, errors } : { ok: true, interval: { from, until } }
}

/** Beginning of the hour or day that an instant lies in. */
export function startOf(span: 'hour' | 'day', at: number): number {
  return at - (at % lengthOf(span))
}

export function lengthOf(span: 'hour' | 'day'): number {
  return span === 'hour' ? HOUR_MS : DAY_MS
}
