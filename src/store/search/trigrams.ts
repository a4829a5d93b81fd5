import { fold } from '../../policy/query/pattern.ts'

/** Names are found by a part of them: for each three characters in a row a folded name has the slot of their hash, see slots.ts. */
export const NAME_SLOTS = 1024
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
  return ((sum >>> 16) ^ sum) & (NAME_SLOTS - 1)
}

/** Of many, some from the beginning to the end. */
function spread(slots: readonly number[]): readonly number[] {
  if (slots.length <= MOST_ASKED) return slots
  const step = (slots.length - 1) / (MOST_ASKED - 1)
  return Array.from({ length: MOST_ASKED }, (_, index) => slots[Math.round(index * step)] ?? 0)
}
