import { parse } from 'semver'
import { compileGlob } from '../glob.ts'
import type { VersionOrder } from './order.ts'
import { compileNpmRange, lowestSemver, semverOrder, type SemanticVersion } from './semver.ts'

/** A version of a Go module. */
export interface GoVersion {
  /** Without the `v`. */
  readonly text: string
  readonly semver: SemanticVersion
}

const VERSION = /^v?(?<numbers>[0-9]+(?:\.[0-9]+){0,2})(?<rest>(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/

/**
 * The order of Go modules (Go Modules Reference, "Versions"): that of semantic versions, with `v` in front and pseudo-versions among the
 * prereleases. A bound may leave out the `v` and its last numbers.
 */
export const goOrder: VersionOrder<GoVersion> = {
  label: 'a Go version',
  parse: parseGoVersion,
  compare: (version, bound) => semverOrder.compare(version.semver, bound.semver),
  glob: (pattern) => {
    const matches = compileGlob(pattern.replace(/^v/, ''))
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ semver }) => semverOrder.isPrerelease(semver),
  lowest: lowestSemver,
  near: (term, inDoubt) => {
    const contains = compileNpmRange(term, inDoubt)
    return contains && (({ semver }) => contains(semver))
  },
}

function parseGoVersion(written: string): GoVersion | undefined {
  const { numbers = '', rest = '' } = VERSION.exec(written)?.groups ?? {}
  const missing = '.0'.repeat(3 - numbers.split('.').length)
  const semver = parse(numbers + missing + rest)
  return semver === null ? undefined : { text: written.replace(/^v/, ''), semver }
}

/** True for a version as a path has it that names files: the `v`, all three numbers, no build metadata of one's own. */
export function isCanonicalGoVersion(text: string): boolean {
  const [bare = '', ...metadata] = text.split('+')
  const isKnown = metadata.length === 0 || (metadata.length === 1 && metadata[0] === 'incompatible')
  return isKnown && /^v[0-9]/.test(bare) && parse(bare.slice(1))?.version === bare.slice(1)
}
