import { isIPv6 } from 'node:net'

/** Failures of one address within a minute after which it has to wait. */
export const MOST_FAILURES = 10
const WINDOW_MS = 60_000
/** Bounds of the memory; beyond, the oldest is forgotten. */
const MOST_ADDRESSES = 10_000
const MOST_PROVEN = 1_000

/**
 * Slows down the guessing of keys. An address that presented ten unknown keys within a minute waits until the minute is over, and
 * meanwhile learns nothing, not even when a guess is right. Excepted are keys that worked from this address before: somebody's
 * wrong key behind a shared address (NAT, a proxy) does not lock the others out.
 */
export interface Throttle {
  /** Seconds until this key of this address is judged again; 0: it may be judged now. */
  readonly secondsToWait: (address: string, digest: string) => number
  readonly noteFailure: (address: string) => void
  readonly noteSuccess: (address: string, digest: string) => void
}

interface Failures {
  readonly since: number
  readonly count: number
}

/** `clock` in epoch ms. State is per process. */
export function createThrottle(clock: () => number): Throttle {
  const failures = new Map<string, Failures>()
  const proven = new Map<string, true>()

  const recent = (address: string): Failures | undefined => {
    const found = failures.get(address)
    const age = found === undefined ? Infinity : clock() - found.since
    return age >= 0 && age < WINDOW_MS ? found : undefined
  }

  return {
    secondsToWait: (address, digest) => {
      const place = foldAddress(address)
      const found = recent(place)
      if (found === undefined || found.count < MOST_FAILURES || proven.has(`${place} ${digest}`)) return 0
      return Math.max(1, Math.ceil((found.since + WINDOW_MS - clock()) / 1000))
    },
    noteFailure: (address) => {
      const place = foldAddress(address)
      const found = recent(place) ?? { since: clock(), count: 0 }
      putLast(failures, place, { ...found, count: found.count + 1 }, MOST_ADDRESSES)
    },
    noteSuccess: (address, digest) => putLast(proven, `${foldAddress(address)} ${digest}`, true, MOST_PROVEN),
  }
}

/** Maps keep the order of insertion: the first key is the one longest unused. */
function putLast<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}

/** One attacker has a whole IPv6 /64; IPv4 in IPv6 form is IPv4. */
export function foldAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address
  const [head = '', tail] = address.toLowerCase().replace(/%.*/, '').split('::')
  const [before, after] = [groups(head), groups(tail ?? '')]
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after].slice(0, 4).join(':')
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
