import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, type VersionOrder } from './order.ts'

/** A version of an R package: numbers with dots or dashes between them, which mean the same. */
export interface CranVersion {
  readonly text: string
  readonly numbers: readonly string[]
}

const VERSION = /^[0-9]+(?:[.-][0-9]+)*$/
/** A fourth number from here on is that of a version under development ("R Packages", "Package version number"). */
const DEVELOPMENT = 9000

/** The order of R (`package_version`): number by number, `1.2` below `1.2.0`. */
export const cranOrder: VersionOrder<CranVersion> = {
  label: 'a version of an R package',
  parse: (text) => (VERSION.test(text) ? { text, numbers: text.split(/[.-]/) } : undefined),
  compare: (version, bound) => compareEach(version.numbers, bound.numbers, '', compareNumbers),
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ numbers }) => Number(numbers[3] ?? '0') >= DEVELOPMENT,
  lowest: (numbers) => numbers,
}

/** Nothing lies below zero. */
function compareNumbers(a: string, b: string): number {
  return a === '' || b === '' ? a.length - b.length : compareDigits(a, b)
}
