import { metadataPairs, pairKey } from '../../policy/search/metadata.ts'
import type { StoredToken } from '../contract.ts'
import { NAME_SLOTS, slotsOfName } from './trigrams.ts'

/**
 * Tokens that may fit are found by bits. Each token has a number, and there are so many slots, each a row of bits with one for each number.
 * The bit is set where the token has what hashes to the slot: a part of its name (trigrams.ts), or a pair of its metadata. What is looked for
 * has its own slots: only a token with all of their bits can fit. It takes 160 bytes for each token, whatever it holds.
 */
export const SLOTS = 1280
/** Of pairs, behind those of names: there, one that many tokens have would spoil what parts of names tell. */
const PAIR_SLOTS = SLOTS - NAME_SLOTS

/** All slots of a token. */
export function slotsOfToken({ name, metadata }: Pick<StoredToken, 'name' | 'metadata'>): Set<number> {
  return new Set([...slotsOfName(name), ...slotsOfMetadata(metadata)])
}

/** Those of its pairs alone. */
export function slotsOfMetadata(metadata: unknown): Set<number> {
  return new Set(metadataPairs(metadata).flatMap(([path, value]) => slotsOfPair(pairKey(path, value))))
}

/** Two for a pair (see pairKey), so that two pairs hardly ever have the same ones. */
export function slotsOfPair(key: string): readonly number[] {
  let [one, other] = [0x811c9dc5, 0]
  for (let at = 0; at < key.length; at++) {
    one = Math.imul(one ^ key.charCodeAt(at), 0x01000193)
    other = Math.imul(other, 31) + key.charCodeAt(at)
  }
  return [one, other].map((sum) => NAME_SLOTS + (mix(sum) & (PAIR_SLOTS - 1)))
}

/** Lets all bits of a number decide about its last ones. */
function mix(sum: number): number {
  const mixed = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b)
  return mixed ^ (mixed >>> 13)
}

/** Numbers whose bit is set in every row, at most so many; and how many there are in all. Bit 0 is the highest of the first byte. */
export function numbersInAll(
  rows: readonly Uint8Array[],
  most: number,
): { readonly count: number; readonly numbers: readonly number[] } {
  const common = intersect(rows)
  const numbers: number[] = []
  let count = 0
  for (let at = 0; at < common.length; at++) {
    const byte = common[at] ?? 0
    if (byte === 0) continue
    for (let bit = 0; bit < 8; bit++) {
      if ((byte & (0x80 >> bit)) === 0) continue
      count++
      if (numbers.length < most) numbers.push(at * 8 + bit)
    }
  }
  return { count, numbers }
}

/** As long as the shortest of them. Four bytes at once: for a million tokens each row has 125,000. */
function intersect(rows: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(0), ...others] = rows
  const length = Math.min(first.length, ...others.map((row) => row.length))
  const count = Math.ceil(length / 4)
  const common = wordsOf(first, count).slice()
  for (const row of others) {
    const words = wordsOf(row, count)
    for (let at = 0; at < count; at++) common[at] = (common[at] ?? 0) & (words[at] ?? 0)
  }
  return new Uint8Array(common.buffer, 0, length)
}

function wordsOf(row: Uint8Array, count: number): Uint32Array {
  const isInPlace = row.byteOffset % 4 === 0 && row.length >= count * 4
  if (isInPlace) return new Uint32Array(row.buffer, row.byteOffset, count)
  const copy = new Uint8Array(count * 4)
  copy.set(row.subarray(0, count * 4))
  return new Uint32Array(copy.buffer)
}
