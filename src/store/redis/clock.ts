/** Turns instants of this host's clock into those of the servers', so that hosts with wrong clocks count alike. */
export interface SharedClock {
  readonly correct: (now: number) => number
  /** Takes in the servers' time, and how long the answer took. */
  readonly compare: (serverTime: number, tookMs: number) => void
  /** How far this host is behind (ahead: below zero), when that is too far. */
  readonly offsetMs: () => number
}

/** Clocks as close as that count as equal. */
const TOLERANCE_MS = 1_000
/** An answer that took longer tells too little. */
const SLOWEST_MS = 500

/** `clock` in epoch ms. Without `isCorrecting` every instant stays as it is. */
export function createSharedClock(clock: () => number, isCorrecting: boolean): SharedClock {
  let offset = 0
  return {
    correct: (now) => now + offset,
    compare: (serverTime, tookMs) => {
      if (!isCorrecting || tookMs > SLOWEST_MS) return
      const difference = Math.round(serverTime + tookMs / 2 - clock())
      offset = Math.abs(difference) > TOLERANCE_MS ? difference : 0
    },
    offsetMs: () => offset,
  }
}
