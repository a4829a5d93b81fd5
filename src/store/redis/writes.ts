/** A write that a script carries out along with others: see lua/writes.lua. Keys and values may hold anything. */
export type Write = readonly [
  command: 'HSET' | 'HDEL' | 'HINCRBY' | 'ZADD' | 'ZREM' | 'RPUSH' | 'LREM' | 'SETBIT',
  key: string,
  ...values: readonly string[],
]

/** What must be there: "" for nothing, "*" for anything. LPOS tells of a list whether it holds a value. */
export type Check = readonly [
  command: 'HGET' | 'ZSCORE' | 'LPOS',
  key: string,
  member: string,
  expected: string,
]

/** Keys in the order in which scripts get them, each once. */
export interface KeyList {
  readonly all: readonly string[]
  /** Position of a key for a script, from 1. */
  readonly place: (key: string) => number
}

/** Numbers the keys of a script, of which `first` stand at fixed places. */
export function createKeyList(first: readonly string[] = []): KeyList {
  const all = [...first]
  const places = new Map(first.map((key, index) => [key, index + 1]))
  return {
    all,
    place: (key) => {
      const known = places.get(key)
      if (known !== undefined) return known
      const place = all.push(key)
      places.set(key, place)
      return place
    },
  }
}

/** As scripts read them; adds their keys to `keys`. "" for none. */
export function encodeWrites(writes: readonly Write[], keys: KeyList): string {
  if (writes.length === 0) return ''
  return JSON.stringify(writes.map(([command, key, ...values]) => [command, keys.place(key), ...values]))
}

export function encodeChecks(checks: readonly Check[], keys: KeyList): string {
  return JSON.stringify(checks.map(([command, key, ...rest]) => [command, keys.place(key), ...rest]))
}
