import { compileGlob } from '../glob.ts'
import { isPrereleaseByCustom } from './custom.ts'
import { compareDigits, compareText, type VersionOrder } from './order.ts'

/** `[EPOCH:]VERSION[-RELEASE]`. */
export interface ArchVersion {
  readonly text: string
  readonly epoch: string
  readonly version: readonly Run[]
  /** undefined: not given. */
  readonly release: readonly Run[] | undefined
}

/** A run of digits or of letters, and how many other characters stand before it. */
interface Run {
  readonly gap: number
  readonly text: string
}

const HALF = '[0-9A-Za-z](?:[0-9A-Za-z._+~@]*[0-9A-Za-z])?'
const VERSION = new RegExp(`^(?:(?<epoch>[0-9]+):)?(?<version>${HALF})(?:-(?<release>${HALF}))?$`)
/** They lie below the release that they stand behind. */
const EARLY = /[0-9](?:alpha|beta|pre|rc)[0-9.]*(?:-|$)/

/**
 * The order of pacman (vercmp(8)): epoch, version, release. Letters right behind a number lie below its end (`1.0rc1`), anything behind a dot above
 * it. A bound without a release compares the version only; a glob without `-` or `:` likewise leaves those parts out. Epochs count, because file
 * names have them.
 */
export const archOrder: VersionOrder<ArchVersion> = {
  label: 'a version of pacman',
  parse: parseArchVersion,
  compare: (version, bound) => {
    const sign = compareDigits(version.epoch, bound.epoch) || compareRuns(version.version, bound.version)
    if (sign !== 0 || bound.release === undefined) return sign
    return version.release === undefined ? -1 : compareRuns(version.release, bound.release)
  },
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    const [hasEpoch, hasRelease] = [pattern.includes(':'), pattern.includes('-')]
    return ({ text }) => {
      const known = hasEpoch ? text : text.replace(/^[0-9]+:/, '')
      return matches(hasRelease ? known : known.replace(/-[^-]*$/, ''))
    }
  },
  isPrerelease: ({ text }) => (EARLY.test(text) ? true : isPrereleaseByCustom(text)),
  // Capital letters come first.
  lowest: (numbers) => `${numbers}A`,
}

/** undefined also for a half without a digit, such as `latest`: to pacman it would be a version, but it is hardly ever meant as one. */
function parseArchVersion(text: string): ArchVersion | undefined {
  const { epoch = '0', version, release } = VERSION.exec(text)?.groups ?? {}
  if (version === undefined || ![version, release ?? '0'].every((half) => /[0-9]/.test(half)))
    return undefined
  return {
    text,
    epoch,
    version: runsOf(version),
    release: release === undefined ? undefined : runsOf(release),
  }
}

function runsOf(text: string): Run[] {
  const runs = text.matchAll(/(?<gap>[^0-9A-Za-z]*)(?<run>[0-9]+|[A-Za-z]+)/g)
  return Array.from(runs, ({ groups }) => ({
    gap: groups?.['gap']?.length ?? 0,
    text: groups?.['run'] ?? '',
  }))
}

function compareRuns(a: readonly Run[], b: readonly Run[]): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const sign = compareRun(a[i], b[i])
    if (sign !== 0) return sign
  }
  if (a.length === b.length) return 0
  return isBelowEnd(a[shared]) || (a.length < b.length && !isBelowEnd(b[shared])) ? -1 : 1
}

function compareRun(a: Run = END, b: Run = END): number {
  if (a.gap !== b.gap) return a.gap - b.gap
  const [isNumber, isOtherNumber] = [isDigits(a.text), isDigits(b.text)]
  if (isNumber !== isOtherNumber) return isNumber ? 1 : -1
  return isNumber ? compareDigits(a.text, b.text) : compareText(a.text, b.text)
}

const END: Run = { gap: 0, text: '' }

function isBelowEnd(run: Run | undefined): boolean {
  return run !== undefined && run.gap === 0 && !isDigits(run.text)
}

function isDigits(text: string): boolean {
  return /^[0-9]/.test(text)
}
