import type { Truth } from './truth.ts'

/** A text to be found in others, without regard to case. */
export interface Pattern {
  /** `text` must be folded. */
  readonly matches: (text: string) => boolean
  /** What can be told of texts of which only the folded beginning is known. */
  readonly matchesBeginning: (beginning: string) => Truth
}

/** Readings of `text` that differ in case, or in how its accents are put together, become one. */
export function fold(text: string): string {
  // The upper case of a lower case: no letter of it depends on its neighbours, as Greek's sigma does in lower case.
  return text.toLowerCase().toUpperCase().normalize('NFC')
}

/**
 * Compiles a text: `^` in front ties it to the beginning, `$` behind to the end, `*` stands for any run of characters; without `^` and
 * `$` it may stand anywhere. `whole`: then it is the whole text. No text becomes a RegExp; judging takes at most text × pattern steps.
 */
export function compilePattern(written: string, whole = false): Pattern | string {
  if (/^(?:[<>=]|~=)/.test(written))
    return 'only versions are compared so; for the very same text write ^text$'
  if (written.startsWith('~')) return 'one ~ is enough'
  const [start, end] = [written.startsWith('^'), written.endsWith('$')]
  const text = written.slice(start ? 1 : 0, end ? -1 : undefined)
  if (text === '') return 'a value is missing'
  const isTied = whole && !start && !end
  return createPattern(fold(text).split('*'), start || isTied, end || isTied)
}

function createPattern(pieces: readonly string[], start: boolean, end: boolean): Pattern {
  const [first = '', ...others] = pieces
  const last = others.pop()
  const matches = last === undefined ? one(first, start, end) : several(first, others, last, start, end)
  const head = start ? first : ''
  const isExact = start && end && last === undefined
  return {
    matches,
    matchesBeginning: (beginning) => {
      if (!head.startsWith(beginning) && (isExact || !beginning.startsWith(head))) return false
      return !end && matches(beginning) ? true : undefined
    },
  }
}

function one(text: string, start: boolean, end: boolean): (subject: string) => boolean {
  if (start && end) return (subject) => subject === text
  if (start) return (subject) => subject.startsWith(text)
  return end ? (subject) => subject.endsWith(text) : (subject) => subject.includes(text)
}

/** Each piece as early as it can be: what is left for the last one is then as long as can be. */
function several(
  first: string,
  middle: readonly string[],
  last: string,
  start: boolean,
  end: boolean,
): (subject: string) => boolean {
  return (subject) => {
    if (start && !subject.startsWith(first)) return false
    let at = 0
    for (const piece of [first, ...middle]) {
      const found = subject.indexOf(piece, at)
      if (found === -1) return false
      at = found + piece.length
    }
    return end ? subject.length - last.length >= at && subject.endsWith(last) : subject.includes(last, at)
  }
}
