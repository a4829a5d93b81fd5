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
