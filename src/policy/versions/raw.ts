import { compileGlob } from '../glob.ts'
import { debOrder, parseDebVersion, type DebVersion } from './deb.ts'
import type { VersionOrder } from './order.ts'
import { compileNpmRange, semverOrder, type SemanticVersion } from './semver.ts'

/** A version of a file that follows nobody's rules. */
export interface RawVersion {
  readonly text: string
  readonly deb: DebVersion
  /** undefined: not a semantic version. */
  readonly semver: SemanticVersion | undefined
}

/**
 * Semantic versions are ordered as such, everything else as Debian's. A `v` in front is passed over. The two orders place
 * `1.0-rc1` differently, so that among mixed versions this is no total order; one range compares each version with its bounds only.
 */
export const rawOrder: VersionOrder<RawVersion> = {
  label: 'a version',
  parse: parseRawVersion,
  compare: (version, bound) =>
    version.semver !== undefined && bound.semver !== undefined
      ? semverOrder.compare(version.semver, bound.semver)
      : debOrder.compare(version.deb, bound.deb),
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ semver }) => semver && semverOrder.isPrerelease(semver),
  lowest: (numbers) => `${numbers}~`,
  near: (term, inDoubt) => {
    const contains = compileNpmRange(term, inDoubt)
    return contains && (({ semver }) => (semver === undefined ? inDoubt : contains(semver)))
  },
}

function parseRawVersion(text: string): RawVersion | undefined {
  const deb = parseDebVersion(text.replace(/^v(?=[0-9])/, ''))
  return deb && { text, deb, semver: semverOrder.parse(text) }
}
