import { compileGlob } from '../glob.ts'
import { isPrereleaseByCustom } from './custom.ts'
import { compareDigits, compareEach, compareText, withoutEpoch, type VersionOrder } from './order.ts'

/** `version[-release]` without its epoch, each half cut into runs of digits, runs of letters, `~` and `^`. */
export interface RpmVersion {
  readonly text: string
  readonly version: readonly string[]
  /** undefined: not given. */
  readonly release: readonly string[] | undefined
}

const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+~^]*(?:-[A-Za-z0-9][A-Za-z0-9._+~^]*)?$/

/**
 * The order of rpmvercmp (rpm-version(7)) over version, then release. A bound without a release compares the version only: `1.0`
 * is level with `1.0-1` and `1.0-2`. A glob without `-` likewise. Epochs are ignored on both sides because file names have none.
 */
export const rpmOrder: VersionOrder<RpmVersion> = {
  label: 'an RPM version',
  parse: parseRpmVersion,
  compare: compareRpmVersions,
  glob: (pattern) => {
    const written = withoutEpoch(pattern)
    const matches = compileGlob(written)
    return written.includes('-') ? ({ text }) => matches(text) : ({ text }) => matches(versionPart(text))
  },
  isPrerelease: ({ text }) => isPrereleaseByCustom(text, /-0(?:\.|$)/),
  lowest: (numbers) => `${numbers}~`,
}

/**
 * undefined for characters that rpm does not allow, and for a half that begins with a separator or has no digit: `latest` would be
 * a version to rpm, but is hardly ever meant as one.
 */
export function parseRpmVersion(written: string): RpmVersion | undefined {
  const text = withoutEpoch(written)
  if (!VERSION.test(text)) return undefined
  const version = versionPart(text)
  const release = version === text ? undefined : text.slice(version.length + 1)
  if (![version, release ?? '0'].every((half) => /[0-9]/.test(half))) return undefined
  return { text, version: runs(version), release: release === undefined ? undefined : runs(release) }
}

function versionPart(text: string): string {
  const dash = text.indexOf('-')
  return dash === -1 ? text : text.slice(0, dash)
}

/** Other characters only separate. */
function runs(text: string): readonly string[] {
  return text.match(/[0-9]+|[A-Za-z]+|[~^]/g) ?? []
}

function compareRpmVersions(a: RpmVersion, bound: RpmVersion): number {
  const sign = compareEach(a.version, bound.version, '', compareRuns)
  if (sign !== 0 || bound.release === undefined) return sign
  return a.release === undefined ? -1 : compareEach(a.release, bound.release, '', compareRuns)
}

function compareRuns(a: string, b: string): number {
  const sign = rank(a) - rank(b)
  if (sign !== 0 || a === b) return sign
  return rank(a) === NUMBER ? compareDigits(a, b) : compareText(a, b)
}

const NUMBER = 4

/** `~` sorts below the end, `^` above it but below whatever else may follow, letters below numbers. */
function rank(run: string): number {
  if (run === '~') return 0
  if (run === '') return 1
  if (run === '^') return 2
  return /^[0-9]/.test(run) ? NUMBER : 3
}
