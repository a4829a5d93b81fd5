/** A stretch of time that a chart can show. */
export interface Span {
  readonly id: string
  readonly title: string
  readonly interval: 'hour' | 'day'
  readonly lengthMs: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const SPANS: readonly [Span, ...Span[]] = [
  { id: '30d', title: 'Last 30 days', interval: 'day', lengthMs: 30 * DAY_MS },
  { id: '24h', title: 'Last 24 hours', interval: 'hour', lengthMs: DAY_MS },
  { id: '7d', title: 'Last 7 days, by the hour', interval: 'hour', lengthMs: 7 * DAY_MS },
  { id: '90d', title: 'Last 90 days', interval: 'day', lengthMs: 90 * DAY_MS },
  { id: '12m', title: 'Last 12 months', interval: 'day', lengthMs: 365 * DAY_MS },
]
