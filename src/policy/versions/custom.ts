/** What developers write before a release's version is used up. */
const MARKED = /~(?:alpha|beta|dev|pre|rc)/i
/** Might mean the same, or something else: `1.0rc1`, `1.0b2`, `1.0-2presto`. */
const DOUBTFUL = /~|alpha|beta|dev|git|nightly|pre|rc|snapshot|svn|[0-9][ab][0-9]/i

/**
 * Whether a version of Debian or RPM comes before a release, by the custom of those who pack them; undefined where it does not tell.
 * `early`: a release number that they give to what precedes a release.
 */
export function isPrereleaseByCustom(version: string, early?: RegExp): boolean | undefined {
  if (MARKED.test(version)) return true
  return DOUBTFUL.test(version) || early?.test(version) ? undefined : false
}
