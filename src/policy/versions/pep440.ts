import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, compareText, type VersionOrder } from './order.ts'

/** A Python version. Digits stay text, because they may be of any length. */
export interface Pep440Version {
  readonly text: string
  readonly epoch: string
  readonly release: readonly string[]
  readonly pre: Phase
  readonly post: Phase
  readonly dev: Phase
  /** Parts after `+`, in lower case. */
  readonly local: readonly string[]
}

/** Where a version stands among those with the same numbers before it; `number` decides within a rank. */
interface Phase {
  readonly rank: number
  readonly number: string
}

const VERSION = new RegExp(
  [
    /^v?(?:(?<epoch>[0-9]+)!)?(?<release>[0-9]+(?:\.[0-9]+)*)/,
    /(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>[0-9]*))?/,
    /(?:-(?<bare>[0-9]+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>[0-9]*))?/,
    /(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>[0-9]*))?/,
    /(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
  'i',
)

/** The order of PEP 440: a total one, local versions and epochs included, whatever spelling a version has. */
export const pep440Order: VersionOrder<Pep440Version> = {
  label: 'a Python version',
  parse: parsePep440Version,
  compare: (version, bound) =>
    compareDigits(version.epoch, bound.epoch) ||
    compareEach(version.release, bound.release, '0', compareDigits) ||
    comparePhases(version.pre, bound.pre) ||
    comparePhases(version.post, bound.post) ||
    comparePhases(version.dev, bound.dev) ||
    compareEach(version.local, bound.local, '', compareLocal),
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ pre, dev }) => pre.rank !== RELEASE || dev.rank === 0,
  lowest: (numbers) => `${numbers}.dev0`,
}

/** undefined for what does not follow PEP 440, Appendix B. */
function parsePep440Version(text: string): Pep440Version | undefined {
  const groups = VERSION.exec(text)?.groups
  if (groups === undefined) return undefined
  const { epoch = '0', release = '', pre, preNumber = '', bare, post, postNumber = '' } = groups
  const { dev, devNumber = '', local } = groups
  const isPost = bare !== undefined || post !== undefined
  return {
    text,
    epoch,
    release: release.split('.'),
    pre: { rank: rankOfPre(pre, !isPost && dev !== undefined), number: preNumber },
    post: { rank: isPost ? 1 : 0, number: bare ?? postNumber },
    dev: { rank: dev === undefined ? 1 : 0, number: devNumber },
    local: local === undefined ? [] : local.toLowerCase().split(/[-_.]/),
  }
}

/** Rank of what is no alpha, beta or release candidate. */
const RELEASE = 4

/** A development release of nothing else comes before the first alpha. */
function rankOfPre(pre: string | undefined, isDevelopment: boolean): number {
  if (pre === undefined) return isDevelopment ? 0 : RELEASE
  const letter = pre.charAt(0).toLowerCase()
  return letter === 'a' ? 1 : letter === 'b' ? 2 : 3
}

function comparePhases(a: Phase, b: Phase): number {
  return a.rank - b.rank || compareDigits(a.number, b.number)
}

/** The end sorts below words, words below numbers. */
function compareLocal(a: string, b: string): number {
  const sign = rankOfLocal(a) - rankOfLocal(b)
  if (sign !== 0) return sign
  return rankOfLocal(a) === 2 ? compareDigits(a, b) : compareText(a, b)
}

function rankOfLocal(part: string): number {
  if (part === '') return 0
  return /^[0-9]+$/.test(part) ? 2 : 1
}
