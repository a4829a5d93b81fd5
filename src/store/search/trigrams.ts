import { fold } from '../../policy/query/pattern.ts'

/**
 * How names are found by a part of them. Each token has a number, and there are so many slots, each a row of bits with one for each number.
 * The bit is set where the folded name of the token has three characters in a row whose hash is the slot. The part that is looked for has its
 * own slots: only where all of their bits are set can it be in the name. It takes 128 bytes for each token, whatever the names are.
 */
export const SLOTS = 1024
/** More of them hardly narrow anything. */
const MOST_ASKED = 8
const WIDTH = 3

/** The slots of a name. */
export function slotsOfName(name: string): ReadonlySet<number> {
  return slotsOf(fold(name))
}

/** Slots that every name has which the pattern (query/pattern.ts) matches; few of them, and none where its pieces are too short. */
export function slotsOfPattern(pattern: string): readonly number[] {
  const text = pattern.replace(/^\^/, '').replace(/\$$/, '')
  const slots = new Set(
    fold(text)
      .split('*')
      .flatMap((piece) => [...slotsOf(piece)]),
  )
  return spread([...slots])
}

function slotsOf(folded: string): ReadonlySet<number> {
  const slots = new Set<number>()
  for (let at = 0; at + WIDTH <= folded.length; at++) slots.add(hash(folded, at))
  return slots
}

function hash(text: string, at: number): number {
  let sum = 0
  for (let index = at; index < at + WIDTH; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193)
  return ((sum >>> 16) ^ sum) & (SLOTS - 1)
}

/** Of many, some from the beginning to the end. */
function spread(slots: readonly number[]): readonly number[] {
  if (slots.length <= MOST_ASKED) return slots
  const step = (slots.length - 1) / (MOST_ASKED - 1)
  return Array.from({ length: MOST_ASKED }, (_, index) => slots[Math.round(index * step)] ?? 0)
}

/** Numbers whose bit is set in every row, at most so many; and how many there are in all. Bit 0 is the highest of the first byte. */
export function numbersInAll(
  rows: readonly Uint8Array[],
  most: number,
): { readonly count: number; readonly numbers: readonly number[] } {
  const length = Math.min(...rows.map((row) => row.length))
  const [first = new Uint8Array(0), ...others] = rows
  const numbers: number[] = []
  let count = 0
  for (let at = 0; at < length; at++) {
    let byte = first[at] ?? 0
    for (const row of others) byte &= row[at] ?? 0
    if (byte === 0) continue
    for (let bit = 0; bit < 8; bit++) {
      if ((byte & (0x80 >> bit)) === 0) continue
      count++
      if (numbers.length < most) numbers.push(at * 8 + bit)
    }
  }
  return { count, numbers }
}
