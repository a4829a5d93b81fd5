/** Half-open byte ranges `[start, end)`, sorted, neither touching nor overlapping. */
export type Intervals = readonly (readonly [number, number])[]

/** Most ranges that are told apart; further ones are left out, so that a hostile splitter can't grow the record. */
const MOST_INTERVALS = 64

/** `intervals` with `[start, end)` added. Ranges that touch become one. Empty additions change nothing. */
export function addInterval(intervals: Intervals, start: number, end: number): Intervals {
  if (end <= start) return intervals
  const before = intervals.filter(([, stop]) => stop < start)
  const after = intervals.filter(([first]) => first > end)
  const touching = intervals.slice(before.length, intervals.length - after.length)
  const first = Math.min(start, touching[0]?.[0] ?? start)
  const last = Math.max(end, touching.at(-1)?.[1] ?? end)
  const merged: Intervals = [...before, [first, last], ...after]
  return merged.length > MOST_INTERVALS ? intervals : merged
}

/** True when one range spans the whole of `[0, size)`. */
export function coversWhole(intervals: Intervals, size: number): boolean {
  const [first] = intervals
  return first !== undefined && first[0] <= 0 && first[1] >= size
}
