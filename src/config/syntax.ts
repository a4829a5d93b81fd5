import type { ErrorCode, YAMLError } from 'yaml'
import type { Finding } from './mistake.ts'

const QUOTE_IT =
  'put quotes around a value that begins with [ { * & ! % @ or `, has ": " or " #" in it, or has braces inside braces'

/** Our own sentences: the parser's quote the text, which may hold a secret. */
const SENTENCES: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DQ_ESCAPE: 'has an unknown escape in double quotes; use single quotes, or \\\\ for a backslash',
  BAD_INDENT: 'is indented wrongly; keys of one group begin in the same column',
  BAD_SCALAR_START: `begins with a character that has a meaning in YAML; ${QUOTE_IT}`,
  BLOCK_AS_IMPLICIT_KEY: `has a second colon in one line; ${QUOTE_IT}`,
  MISSING_CHAR: 'lacks a quote, bracket, brace or comma, or the space after a colon',
  MULTILINE_IMPLICIT_KEY: 'is no key; a colon and a space follow a key',
  MULTIPLE_DOCS: 'begins a second document; the file is one document, without --- inside',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAB_AS_INDENT: 'is indented with a tab; use spaces',
  TAG_RESOLVE_FAILED: 'has a tag, which means nothing in this file; remove the word that begins with !',
  UNEXPECTED_TOKEN: `stands where nothing is expected; ${QUOTE_IT}`,
}

/** What is wrong with the text as YAML: the first error of each line, since the others follow from it. */
export function explainSyntax(errors: readonly YAMLError[], lineOf: (offset: number) => number): Finding[] {
  const lines = new Set<number>()
  const isFirstOfLine = ({ pos }: YAMLError): boolean => lines.size !== lines.add(lineOf(pos[0])).size
  return errors.filter(isFirstOfLine).map(({ code, pos }) => ({
    path: [],
    message: `the text here ${SENTENCES[code] ?? 'is not valid'}`,
    offset: pos[0],
  }))
}
