import type { Usage } from '../contract.ts'

/** Usage after a reset at `now`: the next epoch with all counters at zero. What is not a counter of a period stays. */
export function nextEpoch<Kept extends Usage>(usage: Kept, now: number): Kept {
  return { ...usage, epoch: usage.epoch + 1, downloads: 0, clients: 0, bytes: 0, resetAt: now }
}

/** Usage as it counts in the period that begins at `periodStart`: as it is, or after the scheduled reset that nobody has made yet. */
export function inPeriod<Kept extends Usage>(usage: Kept, periodStart: number | null | undefined): Kept {
  if (periodStart === null || periodStart === undefined) return usage
  return usage.resetAt === null || periodStart > usage.resetAt ? nextEpoch(usage, periodStart) : usage
}
