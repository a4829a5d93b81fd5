import { hash } from 'node:crypto'
import type { ApiKey, Expectation, StoredToken } from '../store/contract.ts'
import type { Webhook } from '../store/contract/events.ts'

/** The entity tag (RFC 9110 §8.8.3) of what can be edited: another one with every change to its settings. */
export type EtagOf<Stored> = (stored: Stored) => string

/**
 * Of a token. Counters are shown beside its settings and are no part of them, or no edit of a token in use could ever be told apart from a
 * download; nor is when its secrets were used, nor that the same secret was sealed again.
 */
export const etagOfToken: EtagOf<StoredToken> = createTag([
  'secretUsedAt',
  'previousSecretUsedAt',
  'sealedSecret',
])

/** Of a key. Its use is no change. */
export const etagOfKey: EtagOf<ApiKey> = createTag(['lastUsedAt', 'lastUsedFrom'])

export const etagOfWebhook: EtagOf<Webhook> = createTag([])

/** `passing`: what changes without anybody having changed the record. */
function createTag<Stored extends object>(passing: readonly (keyof Stored & string)[]): EtagOf<Stored> {
  const passed = new Set<string>(passing)
  return (stored) => {
    const settings = Object.entries(stored)
      .filter(([name, value]) => value !== undefined && !passed.has(name))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
    return `"${hash('sha256', JSON.stringify(settings), 'base64url').slice(0, 22)}"`
  }
}

const TAG = String.raw`(?:W/)?"[\x21\x23-\x7E\x80-\xFF]*"`
const TAGS = new RegExp(`^[ \\t]*${TAG}(?:[ \\t]*,[ \\t]*${TAG})*[ \\t]*$`)

/**
 * What a value of `If-Match` expects (§13.1.1): `*`, or one of some tags. undefined: it can't be read. A tag counts also as weak: proxies
 * that compress an answer make its tag so, and ours names a version of the settings, not bytes.
 */
export function readIfMatch<Stored>(value: string, etagOf: EtagOf<Stored>): Expectation<Stored> | undefined {
  if (value.trim() === '*') return () => true
  if (!TAGS.test(value)) return undefined
  const tags = new Set(value.match(/"[^"]*"/g))
  return (stored) => tags.has(etagOf(stored))
}
