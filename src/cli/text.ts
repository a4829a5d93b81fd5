import type { Screen } from './dependencies.ts'

/** East Asian wide characters and emoji take two columns; marks and joiners take none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u
const ZERO = /\p{M}|[\u200b-\u200d]/u

/** Text from elsewhere, made fit for a terminal: nothing in it that a terminal obeys or that reorders the line. */
export function clean(text: string): string {
  return text.replaceAll(/[\p{C}\u2028\u2029]/gu, '?')
}

/** Stands where there is nothing to show. */
export const NOTHING = '-'

/** Columns that `text` takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

function columnsOf(character: string): number {
  if (ZERO.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text
}

/** The beginning of `text`, in at most `width` columns, with a sign that something is missing. */
export function shorten(text: string, width: number, sign: string): string {
  if (widthOf(text) <= width) return text
  let rest = width - widthOf(sign)
  let kept = ''
  for (const character of text) {
    rest -= columnsOf(character)
    if (rest < 0) break
    kept += character
  }
  return kept + sign
}

/** Breaks `text` at spaces into lines of at most `width` columns; a longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const [first = '', ...others] = text.split(' ')
  const lines = [first]
  for (const word of others) {
    const longer = `${lines.at(-1)} ${word}`
    if (widthOf(longer) > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}

/** Signs that the screen can show. */
export interface Signs {
  readonly yes: string
  readonly no: string
  readonly more: string
  /** Ever longer parts of one column of a bar, the whole last. */
  readonly bar: readonly string[]
}

const UNICODE: Signs = { yes: '✓', no: '✗', more: '…', bar: [...'▏▎▍▌▋▊▉█'] }
const ASCII: Signs = { yes: '[ok]', no: '[no]', more: '...', bar: ['#'] }

/** ASCII unless it is a terminal whose locale says UTF-8: what is piped on may land anywhere. */
export function signsFor(
  { isTerminal }: Screen,
  variables: Readonly<Record<string, string | undefined>>,
): Signs {
  const locale = variables['LC_ALL'] || variables['LC_CTYPE'] || variables['LANG'] || ''
  return isTerminal && /utf-?8/i.test(locale) ? UNICODE : ASCII
}
