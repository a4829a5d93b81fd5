import type { Entry } from './sets.ts'

/** As ordered sets have them: by value, then by id. */
export function compareEntries(one: Entry, other: Entry): number {
  return compareValues(one.value, other.value) || compareText(one.id, other.id)
}

/** Entries in their order, or backwards. */
export function sortEntries(entries: readonly Entry[], descending: boolean): readonly Entry[] {
  const isPlain = entries.every(
    ({ value, id }) => !FAR.test(id) && !(typeof value === 'string' && FAR.test(value)),
  )
  const sorted = entries.toSorted(isPlain ? comparePlain : compareEntries)
  return descending ? sorted.toReversed() : sorted
}

/** Where JavaScript's own order is right, which is far quicker. */
function comparePlain(one: Entry, other: Entry): number {
  if (one.value !== other.value) return one.value < other.value ? -1 : 1
  if (one.id === other.id) return 0
  return one.id < other.id ? -1 : 1
}

function compareValues(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return compareText(String(one), String(other))
}

/** Where JavaScript's own order, by UTF-16 units, may not be that of code points: it puts what lies beyond U+FFFF before U+E000. */
const FAR = /[\uD800-\uFFFF]/

/** By code points, as UTF-8 sorts. */
function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)]
    if (left !== right) return rank(left) - rank(right)
  }
  return one.length - other.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
