import { compileGlob } from '../glob.ts'
import { isPrereleaseByCustom } from './custom.ts'
import { compareDigits, compareEach, withoutEpoch, type VersionOrder } from './order.ts'

/** A Debian version without its epoch. */
export interface DebVersion {
  readonly text: string
  readonly upstream: readonly Piece[]
  readonly revision: readonly Piece[]
}

/** A run of characters that are no digits, and the run of digits after it. Either may be empty. */
type Piece = readonly [other: string, digits: string]

const NOTHING: Piece = ['', '']
const VERSION = /^[0-9][A-Za-z0-9.+~-]*$/

/**
 * The order of dpkg (Debian Policy §5.6.12): `~` sorts before everything, even the end; letters before other characters; a
 * missing revision is level with `-0`. Epochs are ignored on both sides because file names have none: `1:1.0` is below `2.0`.
 */
export const debOrder: VersionOrder<DebVersion> = {
  label: 'a Debian version',
  parse: parseDebVersion,
  compare: (version, bound) =>
    comparePieces(version.upstream, bound.upstream) || comparePieces(version.revision, bound.revision),
  glob: (pattern) => {
    const matches = compileGlob(withoutEpoch(pattern))
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ text }) => isPrereleaseByCustom(text),
  lowest: (numbers) => `${numbers}~`,
}

/**
 * A version as file names have it; undefined for what dpkg would complain about: no digit at the start, odd characters, an empty
 * revision.
 */
export function debVersionText(written: string): string | undefined {
  const text = withoutEpoch(written)
  return VERSION.test(text) && !text.endsWith('-') ? text : undefined
}

/** undefined where `debVersionText` is. */
export function parseDebVersion(written: string): DebVersion | undefined {
  const text = debVersionText(written)
  if (text === undefined) return undefined
  const dash = text.lastIndexOf('-')
  const upstream = dash === -1 ? text : text.slice(0, dash)
  const revision = dash === -1 ? '' : text.slice(dash + 1)
  return { text, upstream: pieces(upstream), revision: pieces(revision) }
}

function pieces(text: string): Piece[] {
  return Array.from(text.matchAll(/([^0-9]*)([0-9]*)/g), ([, other = '', digits = '']) => [other, digits])
}

function comparePieces(a: readonly Piece[], b: readonly Piece[]): number {
  return compareEach(a, b, NOTHING, (x, y) => compareOther(x[0], y[0]) || compareDigits(x[1], y[1]))
}

/** Compares character by character, the end included: a run may be a prefix of the other. */
function compareOther(a: string, b: string): number {
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const sign = weight(a.charAt(i)) - weight(b.charAt(i))
    if (sign !== 0) return sign
  }
  return 0
}

function weight(character: string): number {
  if (character === '') return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 256
}
