import { Range, SemVer, parse } from 'semver'
import { compileGlob } from '../glob.ts'
import type { VersionOrder } from './order.ts'

/** A version after reading. */
export type SemanticVersion = SemVer

/** Where a wildcard may stand for npm: in place of the last numbers. Elsewhere npm drops it, or all that follows. */
const NPM_WILDCARD = /^[<>=~^]*v?(?:[0-9]+\.){0,2}[xX*](?:\.[xX*]){0,2}$/

/** The order of Semantic Versioning 2.0.0 §11; build metadata does not count. */
export const semverOrder: VersionOrder<SemanticVersion> = {
  label: 'a semantic version',
  parse: (text) => parse(text) ?? undefined,
  compare: (version, bound) => version.compare(bound),
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    return ({ raw }) => matches(raw)
  },
  isPrerelease: ({ prerelease }) => prerelease.length > 0,
  lowest: lowestSemver,
  alternative: compileNpmRange,
  near: compileNpmRange,
}

/** Three numbers and the lowest prerelease of all. */
export function lowestSemver(numbers: string): string {
  const given = numbers.split('.')
  return `${[...given, '0', '0'].slice(0, Math.max(3, given.length)).join('.')}-0`
}

/** True for a whole semantic version without a leading `v` or spaces, as npm writes it into file names. */
export function isSemver(text: string): boolean {
  return /^[0-9][0-9A-Za-z.+-]*$/.test(text) && parse(text) !== null
}

/**
 * Compiles a range as npm reads it (npm's semver, "Ranges"); undefined when npm would not understand it, or would take a glob
 * for something else. Prereleases lie in a range only when it names one of the same version; with `inDoubt`, wherever the order
 * puts them.
 */
export function compileNpmRange(
  range: string,
  inDoubt: boolean,
): ((version: SemanticVersion) => boolean) | undefined {
  const terms = range.split(/[\s|]+/)
  if (terms.some(isOddGlob)) return undefined
  try {
    const compiled = new Range(range, { includePrerelease: inDoubt })
    return (version) => compiled.test(version)
  } catch {
    return undefined
  }
}

function isOddGlob(term: string): boolean {
  return /[*?]/.test(term) && !NPM_WILDCARD.test(term)
}
