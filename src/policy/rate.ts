/**
 * A limit on requests a second, as a bucket that is emptied by requests and fills up evenly (GCRA: one number is the whole state).
 * Whole microseconds: sums of them are exact, and far below 2^53.
 */
export interface Rate {
  /** Time that one request uses up. null: no request ever fits. */
  readonly intervalUs: number | null
  /** Requests that fit at once after a pause. */
  readonly burst: number
}

/** What a request meets: the state after it, or how long to wait. */
export type RateVerdict =
  | { readonly allowed: true; readonly busyUntilUs: number }
  | { readonly allowed: false; readonly retryAfterMs: number }

const SECOND_US = 1_000_000
/** About thirty years: a rate so small that its state would not fit into a whole number any more. */
const LONGEST_US = 1_000_000_000_000_000
/** Clocks of processes that share a bucket may differ by as much; a state further ahead than that is of a clock that was wrong. */
const CLOCK_SLACK_US = 10 * SECOND_US
/** What is told where no request ever fits. */
const NEVER_MS = 3_600_000

/**
 * `perSecond` requests on average, to the microsecond; as many at once as a second's worth, at least one, and as many again a second
 * later. Zero, less and NaN allow nothing.
 */
export function rateOf(perSecond: number): Rate {
  if (!(perSecond > 0)) return { intervalUs: null, burst: 0 }
  const intervalUs = Math.min(LONGEST_US, Math.max(1, Math.floor(SECOND_US / perSecond)))
  return { intervalUs, burst: Math.max(1, Math.floor(perSecond)) }
}

/**
 * Judges one request at `now` (epoch ms). `busyUntilUs` is the state after the last request that was allowed, undefined before the
 * first: until when all requests so far keep the bucket busy, in epoch µs. A refused request leaves the state as it was.
 */
export function judgeRate(
  { intervalUs, burst }: Rate,
  busyUntilUs: number | undefined,
  now: number,
): RateVerdict {
  if (intervalUs === null) return { allowed: false, retryAfterMs: NEVER_MS }
  const nowUs = Math.floor(now) * 1_000
  const roomUs = intervalUs * burst
  const busy =
    busyUntilUs === undefined || busyUntilUs > nowUs + roomUs + CLOCK_SLACK_US ? nowUs : busyUntilUs
  const after = Math.max(busy, nowUs) + intervalUs
  const excessUs = after - nowUs - roomUs
  return excessUs <= 0
    ? { allowed: true, busyUntilUs: after }
    : { allowed: false, retryAfterMs: Math.max(1, Math.ceil(excessUs / 1_000)) }
}
