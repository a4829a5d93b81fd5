import { FORMAT_POLICIES } from '../formats.ts'
import type { Format } from '../types.ts'
import type { BadRange } from './range.ts'
import type { VersionTest } from './versions-of.ts'

/** Longest range that is accepted, in characters. */
const LONGEST_RANGE = 256

/**
 * Compiles a version range; a `BadRange` says what could not be understood. One grammar for all formats:
 *
 * - alternatives are separated by `||`; within one, terms are separated by spaces or commas and must all hold;
 * - a term is `>=V`, `>V`, `<=V`, `<V`, `=V` or `V` (equal), a glob over the version (`1.2.*`, `2.0~rc?`), or, for npm, go, helm, raw, hex, dart and swift,
 *   `^V` or `~V`;
 * - the order is the format's own (formats.ts). Epochs of Debian and RPM are ignored: `deb:x@<2:1.5` means `<1.5`.
 *
 * For npm, an alternative that npm itself understands means what it means there, prerelease rule included. `inDoubt` is the answer where
 * the range does not judge: for text that is no version of the format, and for npm's prereleases that the range does not name. A
 * rule that allows passes false and a rule that forbids true, so that both fail closed.
 */
export function versionRange(format: Format, range: string, inDoubt = false): VersionTest | BadRange {
  if (range.length > LONGEST_RANGE) return { problem: `the range is longer than ${LONGEST_RANGE} characters` }
  return FORMAT_POLICIES[format].versions.range(range, inDoubt)
}
