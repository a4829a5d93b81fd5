import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, compareText, type VersionOrder } from './order.ts'

/** A version of a gem, cut where numbers and letters meet. */
export interface RubyVersion {
  readonly text: string
  readonly segments: readonly string[]
}

const VERSION = /^[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/

/** The order of RubyGems (`Gem::Version`): letters anywhere make a prerelease, zeros at the end of a part count for nothing. */
export const rubyOrder: VersionOrder<RubyVersion> = {
  label: 'a version of a gem',
  parse: parseRubyVersion,
  compare: (version, bound) => compareEach(version.segments, bound.segments, '0', compareSegments),
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ segments }) => segments.some((segment) => !isNumber(segment)),
  // Capital letters come first. Below it lies only what nobody writes: A after A after A.
  lowest: (numbers) => `${numbers}.A.A`,
}

function parseRubyVersion(text: string): RubyVersion | undefined {
  if (!VERSION.test(text)) return undefined
  // RubyGems reads what semantic versions call a prerelease so.
  const segments = text.replaceAll('-', '.pre.').match(/[0-9]+|[A-Za-z]+/g) ?? []
  const word = segments.findIndex((segment) => !isNumber(segment))
  const numbers = word === -1 ? segments : segments.slice(0, word)
  return { text, segments: [...withoutZeros(numbers), ...withoutZeros(segments.slice(numbers.length))] }
}

function withoutZeros(segments: readonly string[]): readonly string[] {
  return segments.slice(0, segments.findLastIndex((segment) => !/^0+$/.test(segment)) + 1)
}

/** Letters lie below numbers. */
function compareSegments(a: string, b: string): number {
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? 1 : -1
  return isNumber(a) ? compareDigits(a, b) : compareText(a, b)
}

function isNumber(segment: string): boolean {
  return /^[0-9]/.test(segment)
}
