/** Where counters end: above it they would no longer be exact. */
export const MOST: number = Number.MAX_SAFE_INTEGER

/** True when a limited counter may become `count`. null does not limit; NaN allows nothing. */
export function isWithin(limit: number | null, count: number): boolean {
  return limit === null || count <= Math.min(limit, MOST)
}

/** `count` as a counter can show it. */
export function saturate(count: number): number {
  return Math.min(MOST, Math.max(0, count))
}

/** The later of two instants: processes do not write in the order of their clocks. */
export function later(known: number | null, now: number): number {
  return Math.max(known ?? now, now)
}
