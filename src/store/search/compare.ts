import type { Entry } from './sets.ts'

/** As ordered sets have them: by value, then by id. */
export function compareEntries(one: Entry, other: Entry): number {
  return compareValues(one.value, other.value) || compareText(one.id, other.id)
}

function compareValues(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return compareText(String(one), String(other))
}

/** By code points, as UTF-8 sorts. JavaScript's own order puts what lies beyond U+FFFF before U+E000. */
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
