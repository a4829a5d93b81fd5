import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, compareText, type VersionOrder } from './order.ts'

/** A version of a NuGet package. */
export interface NugetVersion {
  /** Normalized. */
  readonly text: string
  readonly numbers: readonly string[]
  /** Parts of the label behind `-`, in lower case; empty for a release. */
  readonly label: readonly string[]
}

const VERSION =
  /^(?<numbers>[0-9]+(?:\.[0-9]+){0,3})(?:-(?<label>[0-9a-z-]+(?:\.[0-9a-z-]+)*))?(?:\+[0-9a-z.-]+)?$/i

/**
 * The order of NuGet (NuGet documentation, "Package versioning"): that of semantic versions, with up to four numbers, and no difference
 * between capital and small letters. What follows `+` does not count.
 */
export const nugetOrder: VersionOrder<NugetVersion> = {
  label: 'a NuGet version',
  parse: parseNugetVersion,
  compare: (version, bound) =>
    compareEach(version.numbers, bound.numbers, '0', compareDigits) ||
    compareLabels(version.label, bound.label),
  glob: (pattern) => {
    const matches = compileGlob(pattern.toLowerCase())
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ label }) => label.length > 0,
  lowest: (numbers) => `${numbers}-0`,
}

/** Three numbers, or four if the last one is not zero, without zeros in front; small letters. */
function parseNugetVersion(written: string): NugetVersion | undefined {
  const { numbers = '', label = '' } = VERSION.exec(written)?.groups ?? {}
  if (numbers === '') return undefined
  const given = numbers.split('.').map((number) => number.replace(/^0+(?=[0-9])/, ''))
  const [first = '0', second = '0', third = '0', fourth = '0'] = given
  const whole = [first, second, third, ...(fourth === '0' ? [] : [fourth])]
  const end = label.toLowerCase()
  const text = whole.join('.') + (end === '' ? '' : `-${end}`)
  return { text, numbers: whole, label: end === '' ? [] : end.split('.') }
}

/** A release lies above its prereleases, a longer label above its beginning. */
function compareLabels(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length) - Math.sign(a.length)
  return compareEach(a, b, '', compareParts)
}

/** The end lies below numbers, numbers below words. */
function compareParts(a: string, b: string): number {
  const sign = rankOf(a) - rankOf(b)
  if (sign !== 0) return sign
  return rankOf(a) === 1 ? compareDigits(a, b) : compareText(a, b)
}

function rankOf(part: string): number {
  if (part === '') return 0
  return /^[0-9]+$/.test(part) ? 1 : 2
}
