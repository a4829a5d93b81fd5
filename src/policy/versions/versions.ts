import type { Format } from '../types.ts'
import { debOrder } from './deb.ts'
import { compileRange, type BadRange } from './range.ts'
import { rawOrder } from './raw.ts'
import { rpmOrder } from './rpm.ts'
import { semverOrder } from './semver.ts'

/** Tells whether a version lies in a range. */
export type VersionTest = (version: string) => boolean

type Compiler = (range: string, inDoubt: boolean) => VersionTest | BadRange

const compilers: Readonly<Record<Format, Compiler>> = {
  deb: (range, inDoubt) => compileRange(debOrder, range, inDoubt),
  rpm: (range, inDoubt) => compileRange(rpmOrder, range, inDoubt),
  npm: (range, inDoubt) => compileRange(semverOrder, range, inDoubt),
  raw: (range, inDoubt) => compileRange(rawOrder, range, inDoubt),
}

/** All formats that versions are ordered for. */
// A record that is typed like this has these keys and no others.
export const FORMATS: readonly Format[] = Object.keys(compilers) as Format[]

/** Longest range that is accepted, in characters. */
const LONGEST_RANGE = 256

/**
 * Compiles a version range; a `BadRange` says what could not be understood. One grammar for all formats:
 *
 * - alternatives are separated by `||`; within one, terms are separated by spaces or commas and must all hold;
 * - a term is `>=V`, `>V`, `<=V`, `<V`, `=V` or `V` (equal), a glob over the version (`1.2.*`, `2.0~rc?`), or, for npm and raw,
 *   `^V` or `~V`;
 * - the order is the format's own (deb.ts, rpm.ts, semver.ts, raw.ts). Epochs are ignored: `deb:x@<2:1.5` means `<1.5`.
 *
 * For npm, an alternative that npm itself understands means what it means there, prerelease rule included. `inDoubt` is the answer where
 * the range does not judge: for text that is no version of the format, and for npm's prereleases that the range does not name. A
 * rule that allows passes false and a rule that forbids true, so that both fail closed.
 */
export function versionRange(format: Format, range: string, inDoubt = false): VersionTest | BadRange {
  if (range.length > LONGEST_RANGE) return { problem: `the range is longer than ${LONGEST_RANGE} characters` }
  return compilers[format](range, inDoubt)
}
