const FORM = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:?[0-5]\d)?)?$/
const MINUTE_MS = 60_000
/** The last instant that has a year of four digits, which clients insist on. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * Reads an instant in one of the forms that Cloudsmith's clients send (RFC 3339, ISO 8601): with a zone, without one (UTC, as its
 * Python client means it) or a date alone (its first instant, UTC). Epoch ms, cut, not rounded; undefined for what is no
 * instant from 1970 to 9999.
 */
export function parseInstant(text: string): number | undefined {
  const match = FORM.exec(text)
  if (match === null) return undefined
  const [, date = '', time = '00:00', second = '00', fraction = '', zone = 'Z'] = match
  const local = `${date}T${time}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  const offset = offsetMs(zone)
  const parsed = Date.parse(local)
  // Date.parse accepts some days and times that do not exist, and moves them.
  if (Number.isNaN(parsed) || new Date(parsed).toISOString() !== local || offset === undefined)
    return undefined
  const instant = parsed - offset
  return instant >= 0 && instant <= LAST ? instant : undefined
}

/** `+01:30`, `-0800` or `Z` in ms; undefined for a day or more. */
function offsetMs(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = hours * 60 + Number(zone.slice(-2))
  if (hours > 23) return undefined
  return (zone.startsWith('-') ? -minutes : minutes) * MINUTE_MS
}

/** As answers show it. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

/** As answers show it; null stays null. */
export function formatOptional(epochMs: number | null): string | null {
  return epochMs === null ? null : formatInstant(epochMs)
}
