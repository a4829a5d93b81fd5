import type { Format } from '../types.ts'
import { parseDebVersion } from './deb.ts'
import { parseRpmVersion } from './rpm.ts'
import { semverOrder } from './semver.ts'

/** What developers write before a release's version is used up. */
const MARKED = /~(?:alpha|beta|dev|pre|rc)/i
/** Might mean the same, or something else: `1.0rc1`, `1.0b2`, `1.0-2presto`. */
const DOUBTFUL = /~|alpha|beta|dev|git|nightly|pre|rc|snapshot|svn|[0-9][ab][0-9]/i

/**
 * Whether a version comes before a release: for semantic versions by their grammar, for Debian's and RPM's by custom; undefined
 * where the custom does not tell.
 */
export function isPrerelease(format: Format, version: string): boolean | undefined {
  switch (format) {
    case 'npm':
    case 'raw':
      return bySemver(version)
    case 'deb':
      return parseDebVersion(version) && byCustom(version)
    case 'rpm':
      return parseRpmVersion(version) && byCustom(version, /-0(?:\.|$)/)
  }
}

function bySemver(version: string): boolean | undefined {
  const parsed = semverOrder.parse(version)
  return parsed && parsed.prerelease.length > 0
}

/** `early`: a release number that packagers give to what precedes a release. */
function byCustom(version: string, early?: RegExp): boolean | undefined {
  if (MARKED.test(version)) return true
  return DOUBTFUL.test(version) || early?.test(version) ? undefined : false
}
