import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, compareText, type VersionOrder } from './order.ts'

/** A Maven version, cut where the words and numbers in it meet and at its separators. */
export interface MavenVersion {
  readonly text: string
  readonly tokens: readonly Token[]
}

interface Token {
  /** What stands before it; where a word and a number meet, a hyphen is thought of. */
  readonly separator: '.' | '-'
  /** A number, or a word in lower case. */
  readonly value: string
}

const VERSION = /^(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._+-]*$/
const WORDS: readonly string[] = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const SAME: ReadonlyMap<string, string> = new Map([
  ['cr', 'rc'],
  ['ga', ''],
  ['final', ''],
  ['release', ''],
])
/** Only directly before a number. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])

/** The order of Maven 3.9 (POM reference, "Version Order Specification"). */
export const mavenOrder: VersionOrder<MavenVersion> = {
  label: 'a Maven version',
  parse: parseMavenVersion,
  compare: (version, bound) =>
    compareEach<Token | undefined>(version.tokens, bound.tokens, undefined, compareTokens),
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ tokens }) => {
    const words = tokens.filter((token) => !isNumber(token)).map(({ value }) => placeOf(value))
    if (words.some((place) => place < WORDS.indexOf(''))) return true
    return words.includes(WORDS.length) ? undefined : false
  },
  // Below it lies only what nobody writes: alphas of alphas of alphas.
  lowest: (numbers) => `${numbers}-alpha-alpha`,
}

/**
 * Maven reads everything as a version. undefined for characters that no version in a file name has, for words without a number (`LATEST`, which
 * is hardly ever meant as one), and where a release is followed by more (`1.Final.2`): Maven itself does not order those as its manual says.
 */
function parseMavenVersion(text: string): MavenVersion | undefined {
  if (!VERSION.test(text)) return undefined
  const tokens = withoutEmptyEnds(cut(text.toLowerCase()))
  return tokens.some(({ value }) => value === '') ? undefined : { text, tokens }
}

/** What is missing between two separators is a 0. */
function cut(text: string): Token[] {
  const pieces = Array.from(text.matchAll(/([.-]?)(?:([0-9]+)|([^0-9.-]*))/g))
  return pieces.flatMap(([all, separator, digits, word = ''], index) => {
    if (all === '') return []
    const next = pieces[index + 1]
    const value = digits ?? (word === '' ? '0' : nameOf(word, /^[0-9]/.test(next?.[0] ?? '')))
    return [{ separator: separator === '.' || index === 0 ? '.' : '-', value }]
  })
}

function nameOf(word: string, beforeNumber: boolean): string {
  return SAME.get(word) ?? (beforeNumber ? SHORT.get(word) : undefined) ?? word
}

/** 1.0.0 is 1, and 1.0-0.rc is 1-rc: zeros and releases count for nothing at the end, and before a hyphen or a word. */
function withoutEmptyEnds(tokens: readonly Token[]): readonly Token[] {
  const kept: Token[] = []
  for (const token of tokens) {
    if (token.separator === '-' || !isNumber(token)) dropEmptyEnd(kept)
    kept.push(token)
  }
  dropEmptyEnd(kept)
  return kept
}

function dropEmptyEnd(tokens: Token[]): void {
  while (/^0*$/.test(tokens.at(-1)?.value ?? '1')) tokens.pop()
}

function isNumber({ value }: Token): boolean {
  return /^[0-9]/.test(value)
}

/** Where one version has ended, a release or a 0 stands in: the other may be a word below a release, or a number above it. */
function compareTokens(a: Token | undefined, b: Token | undefined): number {
  const [rank, other] = [rankOf(a, b), rankOf(b, a)]
  if (rank !== other) return rank - other
  const [x, y] = [a?.value ?? '', b?.value ?? '']
  return rank === 0 ? compareWords(x, y) : compareDigits(x, y)
}

/** Words lie below numbers after a hyphen, those below numbers after a dot. */
function rankOf(token: Token | undefined, other: Token | undefined): number {
  if (token !== undefined) return isNumber(token) ? (token.separator === '-' ? 1 : 2) : 0
  return other?.separator === '.' && isNumber(other) ? 2 : 0
}

function compareWords(a: string, b: string): number {
  const [x, y] = [placeOf(a), placeOf(b)]
  return x - y || (x === WORDS.length ? compareText(a, b) : 0)
}

/** Words that Maven does not know come last. */
function placeOf(word: string): number {
  const place = WORDS.indexOf(word)
  return place === -1 ? WORDS.length : place
}
