import { NOTHING } from './text.ts'

/** `2026-01-31 12:00 UTC by ada`. */
export function by(instant: string | null, who: string | null): string {
  return who === null || instant === null ? formatInstant(instant) : `${formatInstant(instant)} by ${who}`
}

/** `2026-01-31 12:00 UTC`. */
export function formatInstant(instant: string | null): string {
  const time = instant === null ? NaN : Date.parse(instant)
  if (Number.isNaN(time)) return instant ?? NOTHING
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `2026-01-31 12:00:00`, for tables. */
export function formatSeconds(instant: string | null): string {
  return instant?.replace('T', ' ').replace(/(?:\.\d+)?Z$/, '') ?? NOTHING
}

/** `2026-01-31`, for tables. */
export function formatDay(instant: string | null): string {
  return instant?.slice(0, 10) ?? NOTHING
}
