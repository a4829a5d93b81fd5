import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, type VersionOrder } from './order.ts'

/** A version of a rock, with its words weighed. */
export interface LuaRocksVersion {
  readonly text: string
  readonly parts: readonly number[]
  /** Number behind the last dash: that of the rockspec. undefined: not given. */
  readonly revision: string | undefined
  readonly words: readonly string[]
}

/** Begins with a number, or is no release at all but the newest of a repository. */
const VERSION = /^(?:[0-9]|(?:cvs|dev|scm)(?![A-Za-z]))[0-9A-Za-z._-]*$/
const REVISION = /-(?<revision>[0-9]+)$/
/** Above or below numbers, and how far. */
const WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['alpha', -1_000_000],
  ['beta', -100_000],
  ['pre', -10_000],
  ['rc', -1_000],
  ['cvs', 100_000_000],
  ['scm', 110_000_000],
  ['dev', 120_000_000],
])
const RELEASE = 0
/** Of a number that follows a word: it never outweighs that. */
const FRACTION = 100_000

/** The order of LuaRocks (luarocks.core.vers). A bound without a revision compares the version only; a glob without `-` likewise. */
export const luarocksOrder: VersionOrder<LuaRocksVersion> = {
  label: 'a version of a rock',
  parse: parseVersion,
  compare: (version, bound) => {
    const sign = compareEach(version.parts, bound.parts, 0, (a, b) => a - b)
    if (sign !== 0 || bound.revision === undefined) return sign
    return version.revision === undefined ? -1 : compareDigits(version.revision, bound.revision)
  },
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    const isWhole = pattern.includes('-')
    return ({ text }) => matches(isWhole ? text : text.replace(/-[0-9]+$/, ''))
  },
  isPrerelease: ({ words }) => {
    if (words.some((word) => (WEIGHTS.get(word) ?? RELEASE) < RELEASE)) return true
    return words.length > 0 ? undefined : false
  },
  lowest: (numbers) => `${numbers}.alpha`,
}

function parseVersion(text: string): LuaRocksVersion | undefined {
  const revision = REVISION.exec(text)?.groups?.['revision']
  const main = revision === undefined ? text : text.slice(0, -revision.length - 1)
  if (!VERSION.test(text) || !/[0-9A-Za-z]$/.test(main)) return undefined
  const tokens = main.match(/[0-9]+|[A-Za-z]+/g) ?? []
  return { text, parts: weigh(tokens), revision, words: tokens.filter((token) => !isNumber(token)) }
}

/** A word and the number behind it are one part. Of words in a row the last one counts. */
function weigh(tokens: readonly string[]): number[] {
  const parts: number[] = []
  let word: number | undefined
  for (const token of tokens) {
    if (!isNumber(token)) word = WEIGHTS.get(token) ?? token.charCodeAt(0) / 1000
    else {
      parts.push(word === undefined ? Number(token) : word + Number(token) / FRACTION)
      word = undefined
    }
  }
  return word === undefined ? parts : [...parts, word]
}

function isNumber(token: string): boolean {
  return /^[0-9]/.test(token)
}
