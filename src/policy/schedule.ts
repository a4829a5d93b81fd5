import type { ResetSchedule } from './reset.ts'
import type { TokenRecord } from './types.ts'

/** When the counters of a token begin anew. Without an anchor of its own the periods are counted from its creation. */
export function scheduleOf({
  resetPeriod,
  resetAnchor,
  createdAt,
}: Pick<TokenRecord, 'resetPeriod' | 'resetAnchor' | 'createdAt'>): ResetSchedule {
  return { period: resetPeriod, anchor: resetAnchor ?? createdAt }
}
