import type { AdminOptions } from '../options.ts'
import { DAY_MS } from './interval.ts'

/** How far back hours and days are kept. */
export function keptBy({ historyKept }: Pick<AdminOptions, 'historyKept'>): {
  readonly hoursMs: number
  readonly daysMs: number
} {
  return historyKept?.() ?? { hoursMs: 8 * DAY_MS, daysMs: 400 * DAY_MS }
}
