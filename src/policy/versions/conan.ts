import { compileGlob } from '../glob.ts'
import { compareDigits, compareText, type VersionOrder } from './order.ts'

/** What dots separate, without zeros at the end. */
type Items = readonly string[]

/** A version of a Conan package. */
export interface ConanVersion {
  readonly text: string
  /** The release, and what stands behind each `-`. */
  readonly release: readonly Items[]
  /** The same of what stands behind `+`; empty where nothing does. */
  readonly build: readonly Items[]
}

/** Begins with a digit: of `system` or `cci.20260101` nobody can tell the place among others. */
const VERSION = /^[0-9][0-9A-Za-z_.]*(?:-[0-9A-Za-z_.-]+)?(?:\+[0-9A-Za-z_.-]+)?$/

/** The order of Conan 2 (conan.internal.model.version), which compares a number with a word as text, so that it is no total order. */
export const conanOrder: VersionOrder<ConanVersion> = {
  label: 'a version of a Conan package',
  parse: (text) => (VERSION.test(text) ? read(text) : undefined),
  compare: compareVersions,
  glob: (pattern) => {
    const matches = compileGlob(pattern)
    return ({ text }) => matches(text)
  },
  isPrerelease: ({ release }) => release.length > 1,
  lowest: (numbers) => `${numbers}-0`,
}

function read(text: string): ConanVersion {
  const [release = '', build] = text.split('+')
  return { text, release: itemsOf(release), build: build === undefined ? [] : itemsOf(build) }
}

function itemsOf(text: string): Items[] {
  return text.split('-').map((part) => {
    const items = part.split('.')
    while (/^0+$/.test(items.at(-1) ?? '')) items.pop()
    return items
  })
}

function compareVersions(a: ConanVersion, b: ConanVersion): number {
  return compareParts(a.release, b.release) || compareBuilds(a.build, b.build)
}

/** Nothing behind a `-` lies above anything. */
function compareParts(a: readonly Items[], b: readonly Items[]): number {
  for (const [at, items] of a.entries()) {
    const other = b[at]
    const sign = other === undefined ? -1 : compareItems(items, other)
    if (sign !== 0) return sign
  }
  return b.length - a.length
}

/** Nothing behind the `+` lies below anything. */
function compareBuilds(a: readonly Items[], b: readonly Items[]): number {
  return a.length === 0 || b.length === 0 ? Math.sign(a.length) - Math.sign(b.length) : compareParts(a, b)
}

function compareItems(a: readonly string[], b: readonly string[]): number {
  for (const [at, item] of a.entries()) {
    const other = b[at]
    const sign = other === undefined ? 1 : compareItem(item, other)
    if (sign !== 0) return sign
  }
  return a.length - b.length
}

/** A number and a word are compared as text. */
function compareItem(a: string, b: string): number {
  return isNumber(a) && isNumber(b) ? compareDigits(a, b) : compareText(a, b)
}

function isNumber(item: string): boolean {
  return /^[0-9]+$/.test(item)
}
