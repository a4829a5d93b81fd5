import { hash } from 'node:crypto'

/**
 * How many different clients there were, in little room: of the clients' hashes the smallest are kept, in their order, as one text. Up to
 * `KEPT` of them the number is exact; of more it is told from how densely the smallest lie, to about a sixteenth. Sketches of several hours
 * or processes put together are the sketch of all of them. store/redis/lua/record-history.lua does the same.
 */
const KEPT = 256
/** Hexadecimal digits of a hash. */
const DIGITS = 10

/** Of nobody. */
export const NO_CLIENTS = ''

export function hashClient(client: string): string {
  return hash('sha256', client).slice(0, DIGITS)
}

/** The sketch with further hashes. */
export function addClients(sketch: string, hashes: Iterable<string>): string {
  const all = new Set([...split(sketch), ...hashes])
  return [...all].toSorted().slice(0, KEPT).join('')
}

/** The sketch of everybody in any of them. */
export function joinSketches(sketches: Iterable<string>): string {
  return addClients(NO_CLIENTS, Array.from(sketches, split).flat())
}

/** How many clients there were. */
export function countClients(sketch: string): number {
  const kept = sketch.length / DIGITS
  if (kept < KEPT) return kept
  const largest = Number.parseInt(sketch.slice(-DIGITS), 16)
  return Math.round((KEPT - 1) / (largest / 16 ** DIGITS))
}

function split(sketch: string): string[] {
  return sketch.match(/.{10}/g) ?? []
}
