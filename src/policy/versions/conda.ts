import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, compareText, type VersionOrder } from './order.ts'

/** A version of a conda package. */
export interface CondaVersion {
  /** Small letters. */
  readonly text: string
  readonly epoch: string
  readonly segments: readonly Segment[]
  /** What follows `+`. */
  readonly local: readonly Segment[]
}

/** What stands between two dots: numbers and words in turn, a number first. */
type Segment = readonly string[]

const VERSION = /^(?:(?<epoch>[0-9]+)!)?(?<release>[0-9][0-9a-z._]*)(?:\+(?<local>[0-9a-z._]+))?$/

/**
 * The order of conda (conda documentation, "Version ordering"): words lie below numbers, `dev` below all, `post` above all; what is missing is
 * zero. `_` and `-` separate as dots do, but for one at the very end, which lies below a letter: `1.0.1_` is older than `1.0.1a`. A
 * version has to begin with a number, though conda would take others.
 */
export const condaOrder: VersionOrder<CondaVersion> = {
  label: 'a conda version',
  parse: parseCondaVersion,
  compare: (version, bound) =>
    compareDigits(version.epoch, bound.epoch) ||
    compareEach(version.segments, bound.segments, NOTHING, compareSegments) ||
    compareEach(version.local, bound.local, NOTHING, compareSegments),
  glob: (pattern) => {
    const matches = compileGlob(pattern.toLowerCase())
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ segments }) => isPrerelease(segments),
  lowest: (numbers) => `${numbers}dev`,
}

const NOTHING: Segment = []

function parseCondaVersion(written: string): CondaVersion | undefined {
  const text = written.toLowerCase()
  const { epoch = '0', release = '', local } = VERSION.exec(withoutDashes(text))?.groups ?? {}
  const segments = split(release)
  const locals = local === undefined ? [] : split(local)
  return segments === undefined || locals === undefined ? undefined : { text, epoch, segments, local: locals }
}

/** They are no part of file names, but people write them. */
function withoutDashes(text: string): string {
  return text.includes('_') ? text : text.replaceAll('-', '_')
}

function split(text: string): Segment[] | undefined {
  const isOpen = text.endsWith('_')
  const dotted = (isOpen ? text.slice(0, -1) : text).replaceAll('_', '.') + (isOpen ? '_' : '')
  const segments = dotted.split('.').map((segment) => segment.match(/[0-9]+|[^0-9]+/g) ?? [])
  if (segments.some((segment) => segment.length === 0)) return undefined
  return segments.map((segment) => (isNumber(segment[0] ?? '') ? segment : ['0', ...segment]))
}

function compareSegments(a: Segment, b: Segment): number {
  return compareEach(a, b, '0', compareParts)
}

function compareParts(a: string, b: string): number {
  const sign = rankOf(a) - rankOf(b)
  if (sign !== 0) return sign
  return isNumber(a) ? compareDigits(a, b) : compareText(a, b)
}

function rankOf(part: string): number {
  if (part === 'dev') return 0
  if (part === 'post') return 3
  return isNumber(part) ? 2 : 1
}

function isNumber(part: string): boolean {
  return /^[0-9]/.test(part)
}

const EARLY: ReadonlySet<string> = new Set(['a', 'alpha', 'b', 'beta', 'c', 'dev', 'pre', 'preview', 'rc'])

/** A letter with nothing behind it is a patch of a release: `1.1.1w`, `2024a`. Of other words nobody knows. */
function isPrerelease(segments: readonly Segment[]): boolean | undefined {
  const words = segments.flatMap((segment) =>
    segment.flatMap((part, index) =>
      isNumber(part) || part === 'post' ? [] : [{ part, isLast: index === segment.length - 1 }],
    ),
  )
  const isLetter = ({ part, isLast }: (typeof words)[number]): boolean => isLast && /^[a-z_]$/.test(part)
  if (words.some((word) => EARLY.has(word.part) && !isLetter(word))) return true
  return words.every(isLetter) ? false : undefined
}
