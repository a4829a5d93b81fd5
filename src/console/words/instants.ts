const DATE_TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
})
const DATE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
})
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** `1 December 2026, 00:00 UTC`. Support and customer may sit in different zones; Postern counts in UTC. */
export function dateTime(at: number): string {
  return `${DATE_TIME.format(at).replace(' at ', ', ')} UTC`
}

/** `1 Dec 2026`, in UTC. */
export function date(at: number): string {
  return DATE.format(at)
}

const AXIS_DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' })
const AXIS_TIME = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' })

/** `1 Dec` at midnight, else `14:00`; in UTC. */
export function axisInstant(at: number): string {
  return (at % DAY_MS === 0 ? AXIS_DAY : AXIS_TIME).format(at)
}

/** Largest first. */
const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number, from: number])[] = [
  ['year', 365 * DAY_MS, 2 * 365 * DAY_MS],
  ['month', 30 * DAY_MS, 60 * DAY_MS],
  ['day', DAY_MS, DAY_MS],
  ['hour', HOUR_MS, HOUR_MS],
  ['minute', MINUTE_MS, MINUTE_MS],
]

/** `in 3 days`, `2 hours ago`. Cut, not rounded: in 47 hours is tomorrow, not in two days. */
export function fromNow(at: number, now: number): string {
  const distance = at - now
  const found = UNITS.find(([, , from]) => Math.abs(distance) >= from)
  if (found === undefined) return distance < 0 ? 'just now' : 'in less than a minute'
  return RELATIVE.format(Math.trunc(distance / found[1]), found[0])
}

/** Epoch ms of an instant of the API. */
export function instantOf(text: string): number
export function instantOf(text: string | null): number | null
export function instantOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}

const FIELD = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/

/** What a field for a time can show of an address's parameter. */
export function fieldInstant(text: string): string {
  return FIELD.test(text) ? text : ''
}

/** What the API takes: a field gives a time without a zone, and means UTC. Anything else stays, for the API to say what is wrong. */
export function zonedInstant(text: string): string {
  return FIELD.test(text) ? `${text}Z` : text
}
