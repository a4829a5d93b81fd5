import { nextPeriodStart, periodStart, type ResetSchedule } from '../../policy/reset.ts'
import type { UsageFacts } from '../../policy/search/facts.ts'

/** Use as it counts in the period that `now` lies in. */
export function usageInPeriod(stored: UsageFacts, schedule: ResetSchedule, now: number): UsageFacts {
  const start = periodStart(schedule, now)
  if (start === null || (stored.resetAt !== null && start <= stored.resetAt)) return stored
  return { downloads: 0, clients: 0, bytes: 0, lastUsedAt: stored.lastUsedAt, resetAt: start }
}

/** When it changes by itself; null: it does not. */
export function changesAt(usage: UsageFacts, schedule: ResetSchedule, now: number): number | null {
  const isNothing = usage.downloads === 0 && usage.clients === 0 && usage.bytes === 0
  return isNothing ? null : nextPeriodStart(schedule, now)
}
