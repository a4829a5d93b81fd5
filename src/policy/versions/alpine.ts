import { compileGlob } from '../glob.ts'
import { compareDigits, compareEach, compareText, type VersionOrder } from './order.ts'

/** A version of an Alpine package, cut into its parts. */
export interface AlpineVersion {
  readonly text: string
  readonly parts: readonly Part[]
  /** Number behind `-r`; undefined: not given. */
  readonly revision: string | undefined
}

interface Part {
  readonly kind: 'first' | 'number' | 'letter' | 'suffix' | 'suffixNumber' | 'hash' | 'end'
  readonly value: string
}

/** Where two versions go on differently, the one whose part comes later here lies below. */
const KINDS: readonly Part['kind'][] = ['first', 'number', 'letter', 'suffix', 'suffixNumber', 'hash', 'end']
const SUFFIXES: readonly string[] = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p']
const RELEASE = SUFFIXES.indexOf('')
const END: Part = { kind: 'end', value: '' }

const VERSION = new RegExp(
  [
    /^(?<numbers>[0-9]+(?:\.[0-9]+)*)(?<letter>[a-z]?)/,
    /(?<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)/,
    /(?:~(?<hash>[0-9a-f]+))?(?:-r(?<revision>[0-9]+))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
)

/**
 * The order of apk (apk-package(5), "Package version"). A bound without a revision compares the version only: `1.2` is level with
 * `1.2-r0` and `1.2-r7`. A glob without `-` likewise.
 */
export const alpineOrder: VersionOrder<AlpineVersion> = {
  label: 'an Alpine version',
  parse: parseAlpineVersion,
  compare: (version, bound) => {
    const sign = compareEach(version.parts, bound.parts, END, compareParts)
    if (sign !== 0 || bound.revision === undefined) return sign
    return version.revision === undefined ? -1 : compareDigits(version.revision, bound.revision)
  },
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    const isWhole = pattern.includes('-')
    return ({ text }) => matches(isWhole ? text : text.replace(/-r[0-9]+$/, ''))
  },
  isPrerelease: ({ parts }) => {
    const suffixes = parts.filter(({ kind }) => kind === 'suffix').map(({ value }) => placeOf(value))
    if (suffixes.some((place) => place < RELEASE)) return true
    // A snapshot of a repository is of whatever time its packager says.
    return suffixes.some((place) => place > RELEASE && SUFFIXES[place] !== 'p') ? undefined : false
  },
  lowest: (numbers) => `${numbers}_alpha`,
}

function parseAlpineVersion(text: string): AlpineVersion | undefined {
  const groups = VERSION.exec(text)?.groups
  if (groups === undefined) return undefined
  const { numbers = '', letter = '', suffixes = '', hash, revision } = groups
  const parts: Part[] = numbers
    .split('.')
    .map((value, index) => ({ kind: index === 0 ? 'first' : 'number', value }))
  if (letter !== '') parts.push({ kind: 'letter', value: letter })
  for (const [, word = '', number = ''] of suffixes.matchAll(/_([a-z]+)([0-9]*)/g)) {
    parts.push({ kind: 'suffix', value: word })
    if (number !== '') parts.push({ kind: 'suffixNumber', value: number })
  }
  if (hash !== undefined) parts.push({ kind: 'hash', value: hash })
  return { text, parts, revision }
}

function compareParts(a: Part, b: Part): number {
  if (a.kind === b.kind) return compareAlike(a, b)
  // `1.0_rc1` lies below `1.0`, and below everything else that may follow.
  const [before, after] = [precedes(a), precedes(b)]
  if (before !== after) return before ? -1 : 1
  return KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind)
}

function compareAlike(a: Part, b: Part): number {
  if (a.kind === 'suffix') return placeOf(a.value) - placeOf(b.value)
  // Behind the first one, numbers with a zero in front are decimals: 1.05 lies below 1.5.
  if (a.kind === 'number' && (a.value.startsWith('0') || b.value.startsWith('0')))
    return compareText(a.value, b.value)
  if (a.kind === 'letter' || a.kind === 'hash' || a.kind === 'end') return compareText(a.value, b.value)
  return compareDigits(a.value, b.value)
}

function precedes({ kind, value }: Part): boolean {
  return kind === 'suffix' && placeOf(value) < RELEASE
}

function placeOf(suffix: string): number {
  return SUFFIXES.indexOf(suffix)
}
