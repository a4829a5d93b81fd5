/** How often things were asked for of late, by guess: never too seldom, sometimes too often. Takes the same memory however many they are. */
export interface Popularity {
  readonly note: (key: string) => void
  /** 0 to MOST. */
  readonly of: (key: string) => number
}

const MOST = 15
const ROWS = 4
/** Of one row; a power of two. */
const COLUMNS = 65_536
/** Odd numbers, one for each row, that send a hash to another column. */
const FACTORS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const

/**
 * A count-min sketch. So that what was popular once is forgotten, all counts are halved after every `period` notes.
 */
export function createPopularity(period: number): Popularity {
  const counts = new Uint8Array(ROWS * COLUMNS)
  let notes = 0
  return {
    note: (key) => {
      const hashed = hash(key)
      for (let row = 0; row < ROWS; row++) {
        const at = placeOf(hashed, row)
        const count = counts[at] ?? 0
        if (count < MOST) counts[at] = count + 1
      }
      if (++notes < period) return
      notes = 0
      for (let at = 0; at < counts.length; at++) counts[at] = (counts[at] ?? 0) >> 1
    },
    of: (key) => {
      const hashed = hash(key)
      let least = MOST
      for (let row = 0; row < ROWS; row++) least = Math.min(least, counts[placeOf(hashed, row)] ?? 0)
      return least
    },
  }
}

function placeOf(hashed: number, row: number): number {
  return row * COLUMNS + (Math.imul(hashed, FACTORS[row] ?? 1) >>> 16)
}

/** FNV-1a, 32 bits, mixed once more so that its high bits depend on all of the text. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
  return sum ^ (sum >>> 15)
}
