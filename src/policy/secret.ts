import { crc32 } from 'node:zlib'

/**
 * The form of secrets. Generated ones are `ptk` (of a token) or `pmk` (a key of the management API), 26 random characters and a checksum of
 * 6, letters and digits only (conda cuts a token at `_` and `.`): 154 bits, a typo is recognised without a look-up, and scanners can
 * recognise a leak.
 */
const TOKEN_PREFIX = 'ptk'
const KEY_PREFIX = 'pmk'
const PREFIX_LENGTH = 3
const RANDOM_LENGTH = 26
const CHECKSUM_LENGTH = 6
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const GENERATED_LENGTH: number = PREFIX_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH
/** Cloudsmith's rule for custom secrets. */
const CUSTOM = /^[A-Za-z0-9][A-Za-z0-9._-]{7,47}$/

/** What stands in the place of a secret: nothing of it, not even its length. */
export const SECRET_MASK: string = '*'.repeat(16)

/** First path segments that mean something else; no secret may look like one. */
export const RESERVED_SEGMENTS: ReadonlySet<string> = new Set([
  'basic',
  'public',
  'v2',
  't',
  'api',
  '.well-known',
  'healthz',
  'readyz',
  'metrics',
  'token',
])

type RandomInt = (below: number) => number

/** Makes the secret of a token. `randomInt(n)` gives an unpredictable whole number in `[0, n)`. */
export function generateSecret(randomInt: RandomInt): string {
  return generate(TOKEN_PREFIX, randomInt)
}

/** Makes a key of the management API. */
export function generateKey(randomInt: RandomInt): string {
  return generate(KEY_PREFIX, randomInt)
}

function generate(prefix: string, randomInt: RandomInt): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () =>
    ALPHABET.charAt(randomInt(ALPHABET.length)),
  ).join('')
  return prefix + random + checksum(prefix + random)
}

/** True for a string that could be somebody's secret; false saves the look-up. No generated one is plausible with a character changed. */
export function isPlausibleSecret(text: string): boolean {
  if (!CUSTOM.test(text) || RESERVED_SEGMENTS.has(text)) return false
  return !isMistyped(text, TOKEN_PREFIX)
}

/**
 * True for a string that could be somebody's key of the management API; false saves the look-up. Keys that were generated before they had a
 * form of their own, and those that people thought of, are plausible.
 */
export function isPlausibleKey(text: string): boolean {
  return text !== '' && !isMistyped(text, KEY_PREFIX)
}

/** Custom secrets of this length may not begin as generated ones do, nor end in a checksum as if theirs had begun so. */
function isMistyped(text: string, prefix: string): boolean {
  if (text.length !== GENERATED_LENGTH) return false
  const random = text.slice(PREFIX_LENGTH, -CHECKSUM_LENGTH)
  const isChecked = text.slice(-CHECKSUM_LENGTH) === checksum(prefix + random)
  return text.startsWith(prefix) !== isChecked
}

/** CRC-32 in base 62, most significant digit first. */
function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = ALPHABET.charAt(rest % ALPHABET.length) + digits
    rest = Math.floor(rest / ALPHABET.length)
  }
  return digits
}
