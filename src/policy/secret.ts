import { crc32 } from 'node:zlib'

/**
 * The form of secrets. Generated ones are `ptk`, 26 random characters and a checksum of 6, letters and digits only (conda
 * cuts a token at `_` and `.`): 154 bits, a typo is recognised without a look-up, and scanners can recognise a leak.
 */
const PREFIX = 'ptk'
const RANDOM_LENGTH = 26
const CHECKSUM_LENGTH = 6
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const GENERATED_LENGTH: number = PREFIX.length + RANDOM_LENGTH + CHECKSUM_LENGTH
/** Cloudsmith's rule for custom secrets. */
const CUSTOM = /^[A-Za-z0-9][A-Za-z0-9._-]{7,47}$/

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

/** Makes a secret. `randomInt(n)` gives an unpredictable whole number in `[0, n)`. */
export function generateSecret(randomInt: (below: number) => number): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () =>
    ALPHABET.charAt(randomInt(ALPHABET.length)),
  ).join('')
  return PREFIX + random + checksum(PREFIX + random)
}

/** True for a string that could be somebody's secret; false saves the look-up. No generated one is plausible with a character changed. */
export function isPlausibleSecret(text: string): boolean {
  if (!CUSTOM.test(text) || RESERVED_SEGMENTS.has(text)) return false
  return text.length !== GENERATED_LENGTH || !isMistyped(text)
}

/** Custom secrets of this length may not begin as generated ones do, nor end in a checksum as if theirs had begun so. */
function isMistyped(text: string): boolean {
  const random = text.slice(PREFIX.length, -CHECKSUM_LENGTH)
  const isChecked = text.slice(-CHECKSUM_LENGTH) === checksum(PREFIX + random)
  return text.startsWith(PREFIX) !== isChecked
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
