import { compileGlob } from '../glob.ts'
import { compileRange, type BadRange } from './range.ts'
import { rawOrder } from './raw.ts'
import type { Versions, VersionTest } from './versions-of.ts'

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/
/** A tag, or a glob over tags, perhaps after an `=`. */
const NAME = /^=?[A-Za-z0-9_*?][A-Za-z0-9._*?-]*$/

/**
 * Tags of images. Any of them can be named, or matched by a glob: `latest`, `stable-*`. Those that are versions are ordered as the versions
 * of plain files are (raw.ts); about `latest` a comparison such as `>=2` can tell nothing.
 */
export const tagVersions: Versions = {
  range: compileTagRange,
  isPrerelease: (tag) => {
    const version = rawOrder.parse(tag)
    return version && rawOrder.isPrerelease(version)
  },
  lowest: rawOrder.lowest,
}

function compileTagRange(range: string, inDoubt: boolean): VersionTest | BadRange {
  const tests: VersionTest[] = []
  for (const alternative of range.split('||')) {
    const test = compileAlternative(alternative, inDoubt)
    if (typeof test !== 'function') return test
    tests.push(test)
  }
  return (tag) => tests.some((test) => test(tag))
}

function compileAlternative(alternative: string, inDoubt: boolean): VersionTest | BadRange {
  const words = alternative.split(/[\s,]+/).filter((word) => word !== '')
  const inOrder = compileRange(rawOrder, alternative, inDoubt)
  if (words.length === 0 || !words.every((word) => NAME.test(word))) return inOrder
  const names = words.map((word) => compileGlob(word.replace(/^=/, '')))
  const isNamed: VersionTest = (tag) => (TAG.test(tag) ? names.every((matches) => matches(tag)) : inDoubt)
  if (typeof inOrder !== 'function') return isNamed
  return (tag) => isNamed(tag) || (rawOrder.parse(tag) !== undefined && inOrder(tag))
}
