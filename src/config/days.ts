import { bad, good, quote, type Parsed } from './parsed.ts'

const DAY_MS = 86_400_000
const DAYS = /^([1-9]\d{0,4})d$/
/** Ten years. */
const MOST_DAYS = 3_650

/** Reads whole days, like `400d`, as milliseconds: from one to ten years of 365. */
export function parseDays(text: string): Parsed<number> {
  const [, count = ''] = DAYS.exec(text) ?? []
  if (count === '') return bad(`${quote(text)} is no number of days; write it like 400d`)
  if (Number(count) > MOST_DAYS) return bad(`must be between 1d and ${MOST_DAYS}d`)
  return good(Number(count) * DAY_MS)
}
