import { hash } from 'node:crypto'
import type { Expectation, StoredToken } from '../store/contract.ts'

/** What changes without anybody having changed the token: when its secrets were used. Sealing the same secret again is no change either. */
const PASSING: ReadonlySet<string> = new Set<keyof StoredToken>([
  'secretUsedAt',
  'previousSecretUsedAt',
  'sealedSecret',
])

/**
 * The entity tag of a token's settings (RFC 9110 §8.8.3): another one with every change to them. Counters are shown beside them and are no
 * part of it, or no edit of a token in use could ever be told apart from a download.
 */
export function etagOf(token: StoredToken): string {
  const settings = Object.entries(token)
    .filter(([name, value]) => value !== undefined && !PASSING.has(name))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `"${hash('sha256', JSON.stringify(settings), 'base64url').slice(0, 22)}"`
}

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7E\x80-\xFF]*"`
const TAGS = new RegExp(`^[ \\t]*${TAG}(?:[ \\t]*,[ \\t]*${TAG})*[ \\t]*$`)

/**
 * What a value of `If-Match` expects of a token (§13.1.1): `*`, or one of some tags. undefined: it can't be read. A tag counts also as
 * weak: proxies that compress an answer make its tag so, and ours names a version of the settings, not bytes.
 */
export function readIfMatch(value: string): Expectation | undefined {
  if (value.trim() === '*') return () => true
  if (!TAGS.test(value)) return undefined
  const tags = new Set(value.match(/"[^"]*"/g))
  return (token) => tags.has(etagOf(token))
}
