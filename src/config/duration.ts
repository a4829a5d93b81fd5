import { bad, good, quote, type Parsed } from './parsed.ts'

const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
const DURATION = /^(\d{1,9})(ms|s|m|h)$/
/** Timers count to 2³¹ ms; nothing here needs to wait longer than a day. */
const LONGEST_MS = 86_400_000

/** Reads `250ms`, `5s`, `2m` or `1h` as milliseconds, at least `leastMs` and at most a day. */
export function parseDuration(text: string, leastMs: number): Parsed<number> {
  const [, count = '', unit = ''] = DURATION.exec(text) ?? []
  if (!isUnit(unit)) {
    return bad(`${quote(text)} is not a duration; write a whole number and ms, s, m or h, like 30s`)
  }
  const ms = Number(count) * UNITS[unit]
  if (ms < leastMs || ms > LONGEST_MS) {
    return bad(`must be between ${formatDuration(leastMs)} and ${formatDuration(LONGEST_MS)}`)
  }
  return good(ms)
}

/** Writes milliseconds in the largest unit that is exact. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(UNITS).find(([, unitMs]) => ms >= unitMs && ms % unitMs === 0) ?? [
    's',
    1,
  ]
  return `${ms / size}${unit}`
}

function isUnit(text: string): text is keyof typeof UNITS {
  return Object.hasOwn(UNITS, text)
}
