import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, compareText, type VersionOrder } from './order.ts'

/** A version of a Composer package, after what Composer calls normalizing. */
export interface ComposerVersion {
  readonly text: string
  /** Four of them, or the parts of a date. */
  readonly numbers: readonly string[]
  /** Place in `STABILITIES`. */
  readonly stability: number
  /** What follows the stability: `2` of `RC2`. */
  readonly count: readonly string[]
  readonly isDev: boolean
}

const STABILITIES: readonly string[] = ['alpha', 'beta', 'rc', 'stable', 'patch']
const STABLE = STABILITIES.indexOf('stable')
const SHORT: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['p', 'patch'],
  ['pl', 'patch'],
])
/** What Composer puts in place of an `x`: above every number that there is. */
const ANY = '9999999'

const TAIL =
  /(?:[._-]?(?<word>stable|beta|b|RC|alpha|a|patch|pl|p)(?<count>(?:[.-]?[0-9]+(?:[.-][0-9]+)*)?))?(?<dev>[.-]?dev)?(?:\+[0-9A-Za-z.-]+)?$/i
    .source
const NUMBERED = new RegExp(`^v?(?<numbers>[0-9]{1,5}(?:\\.[0-9]+){0,3})${TAIL}`, 'i')
const DATED = new RegExp(`^v?(?<numbers>[0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3})?)${TAIL}`, 'i')
const BRANCH = /^v?(?<numbers>[0-9]+(?:\.[0-9]+){0,2})(?:\.[xX*]){1,3}-dev$/

/**
 * The order of Composer (composer/semver, "VersionParser"): a missing number is 0, `1.x-dev` lies above all of 1. What is no version but the name of
 * a branch, `dev-main`, has no place in it.
 */
export const composerOrder: VersionOrder<ComposerVersion> = {
  label: 'a Composer version',
  parse: parseComposerVersion,
  compare: compareVersions,
  glob: (pattern) => {
    const matches = compileGlob(pattern.replace(/^v(?=[0-9])/, ''))
    return ({ text }) => matches(text.replace(/^v(?=[0-9])/, ''))
  },
  isPrerelease: ({ stability, isDev }) => isDev || stability < STABLE,
  lowest: (numbers) => `${numbers}-dev`,
}

function parseComposerVersion(text: string): ComposerVersion | undefined {
  const branch = BRANCH.exec(text)?.groups?.['numbers']
  if (branch !== undefined) {
    const numbers = [...branch.split('.'), ANY, ANY, ANY].slice(0, 4)
    return { text, numbers, stability: STABLE, count: [], isDev: true }
  }
  const found = (NUMBERED.exec(text) ?? DATED.exec(text))?.groups
  if (found === undefined) return undefined
  const { numbers = '', word = 'stable', count = '', dev } = found
  const name = SHORT.get(word.toLowerCase()) ?? word.toLowerCase()
  // What follows the word `stable` counts for nothing.
  const isPlain = found['word'] !== undefined && name === 'stable'
  return {
    text,
    numbers: numbers.match(/[0-9]+/g) ?? [],
    stability: STABILITIES.indexOf(name),
    count: isPlain ? [] : (count.match(/[0-9]+/g) ?? []),
    isDev: dev !== undefined && !isPlain,
  }
}

function compareVersions(a: ComposerVersion, b: ComposerVersion): number {
  return (
    compareEach(a.numbers, b.numbers, '0', compareDigits) ||
    placeOf(a) - placeOf(b) ||
    compareEach(a.count, b.count, '', compareCounts) ||
    Number(b.isDev) - Number(a.isDev)
  )
}

/** `1.0-dev` lies below `1.0-alpha`. */
function placeOf({ stability, isDev }: ComposerVersion): number {
  return isDev && stability === STABLE ? -1 : stability
}

/** `RC` lies below `RC1`, and that below `RC1.1`. */
function compareCounts(a: string, b: string): number {
  if (a === '' || b === '') return compareText(a, b)
  return compareDigits(a, b)
}
