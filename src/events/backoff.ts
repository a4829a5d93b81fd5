const FIRST_MS = 15_000
const FACTOR = 3
const LONGEST_MS = 6 * 3_600_000
/** With the pauses between them about a day. */
const MOST_ATTEMPTS = 11
/** Pauses are up to a fifth longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.2

/** How long to wait after so many failed attempts, in ms; undefined: it is given up. `random` in [0, 1). */
export function pauseAfter(attempts: number, random: number): number | undefined {
  if (attempts >= MOST_ATTEMPTS) return undefined
  const pause = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** (attempts - 1))
  return Math.round(pause * (1 - JITTER + 2 * JITTER * random))
}
