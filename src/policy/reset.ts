/** Cloudsmith's words. `Bi-Monthly` is every second month. */
type Recurring =
  | 'Daily'
  | 'Weekly'
  | 'Fortnightly'
  | 'Monthly'
  | 'Bi-Monthly'
  | 'Quarterly'
  | 'Every 6 months'
  | 'Annual'

/** How often counters begin anew. */
export type ResetPeriod = 'Never Reset' | Recurring

/** Counting periods that follow each other without a gap, the first one from the anchor on (epoch ms). */
export interface ResetSchedule {
  readonly period: ResetPeriod
  readonly anchor: number
}

type Length = { readonly days: number } | { readonly months: number }

const LENGTHS: Readonly<Record<Recurring, Length>> = {
  Daily: { days: 1 },
  Weekly: { days: 7 },
  Fortnightly: { days: 14 },
  Monthly: { months: 1 },
  'Bi-Monthly': { months: 2 },
  Quarterly: { months: 3 },
  'Every 6 months': { months: 6 },
  Annual: { months: 12 },
}

const DAY_MS = 86_400_000

/** All periods, as they are written. */
export const RESET_PERIODS: readonly ResetPeriod[] = ['Never Reset', ...(Object.keys(LENGTHS) as Recurring[])]

/**
 * First instant of the period that `now` lies in (epoch ms), or null: no schedule, or the first period is still to come. Days and
 * months are those of UTC. A month without the anchor's day begins its period on its last day: January 31, February 28, March 31.
 */
export function periodStart({ period, anchor }: ResetSchedule, now: number): number | null {
  if (period === 'Never Reset' || now < anchor) return null
  return boundary(anchor, LENGTHS[period], periodIndex(anchor, LENGTHS[period], now))
}

/** First instant of the period after the one that `now` lies in; of the first one while that is to come. null: no schedule. */
export function nextPeriodStart({ period, anchor }: ResetSchedule, now: number): number | null {
  if (period === 'Never Reset') return null
  if (now < anchor) return anchor
  return boundary(anchor, LENGTHS[period], periodIndex(anchor, LENGTHS[period], now) + 1)
}

/** How many periods have gone by. */
function periodIndex(anchor: number, length: Length, now: number): number {
  if ('days' in length) return Math.floor((now - anchor) / (length.days * DAY_MS))
  const reached = Math.floor((monthOf(now) - monthOf(anchor)) / length.months)
  return boundary(anchor, length, reached) > now ? reached - 1 : reached
}

function boundary(anchor: number, length: Length, index: number): number {
  if ('days' in length) return anchor + index * length.days * DAY_MS
  return addMonths(anchor, index * length.months)
}

/** Months since year 0. */
function monthOf(at: number): number {
  const date = new Date(at)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** The same day and time of day so many months later, or the last day of a month that has no such day. */
function addMonths(at: number, months: number): number {
  const date = new Date(at)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.setUTCDate(Math.min(day, daysIn(date)))
}

function daysIn(month: Date): number {
  const last = new Date(month)
  return new Date(last.setUTCMonth(last.getUTCMonth() + 1, 0)).getUTCDate()
}
