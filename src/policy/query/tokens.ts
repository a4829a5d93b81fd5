/** What is wrong with a query; shown to the vendor when a token is saved. */
export interface QueryProblem {
  /** Where it is, from 0. */
  readonly position: number
  readonly problem: string
  /** A field that does not exist, for a guess at what was meant. */
  readonly unknownField?: string
}

/** A term: `field:value`, or a value alone. */
export interface Word {
  readonly kind: 'word'
  readonly position: number
  /** undefined: a value alone. */
  readonly field: string | undefined
  /** Without its quotes. */
  readonly value: string
  /** Where the value begins. */
  readonly valueAt: number
}

interface Sign {
  readonly kind: 'open' | 'close' | 'and' | 'or' | 'not'
  readonly position: number
}

/** A piece of a query. */
export type QueryToken = Word | Sign

/** Longest query that is accepted, in characters. Bounds the work for one request. */
const LONGEST_QUERY = 1024
/**
 * What other languages have a meaning for. Taken as text it would match nothing, and the whole repository once it is negated: so it
 * is refused. Typographic quotes and invisible characters come with text that was pasted.
 */
const NEVER = /[\\‘’“”\p{Cf}\p{Cs}]|(?![\t\n\r])\p{Cc}/u
const ONLY_IN_QUOTES = /[|&,;!?[\]{}]/
const PIECE = /\s+|[()]|(?:'[^']*'|"[^"]*"|[^\s()'"])+|['"]/g
const KEYWORDS: ReadonlyMap<string, Sign['kind']> = new Map([
  ['AND', 'and'],
  ['OR', 'or'],
  ['NOT', 'not'],
])
const FIELD = /^[A-Za-z_][A-Za-z0-9_.-]*(?=:)/
const QUOTED = /'([^']*)'|"([^"]*)"/g

/** Cuts a query into its pieces. Takes time linear in the text. */
export function tokenize(text: string): readonly QueryToken[] | QueryProblem {
  if (text.length > LONGEST_QUERY) {
    return { position: LONGEST_QUERY, problem: `a query has at most ${LONGEST_QUERY} characters` }
  }
  const odd = NEVER.exec(text)
  if (odd !== null) return { position: odd.index, problem: explainOdd(odd[0]) }
  const tokens: QueryToken[] = []
  for (const { 0: piece, index: position } of text.matchAll(PIECE)) {
    if (piece.trim() === '') continue
    const token = readPiece(piece, position)
    if ('problem' in token) return token
    tokens.push(token)
  }
  return tokens
}

function readPiece(piece: string, position: number): QueryToken | QueryProblem {
  if (piece === '(') return { kind: 'open', position }
  if (piece === ')') return { kind: 'close', position }
  if (piece === '"' || piece === "'") return { position, problem: 'this quote is not closed' }
  const keyword = KEYWORDS.get(piece)
  if (keyword !== undefined) return { kind: keyword, position }
  const upper = piece.toUpperCase()
  if (KEYWORDS.has(upper)) return { position, problem: `write ${upper} in capitals, or the word in quotes` }
  return readWord(piece, position)
}

function readWord(piece: string, position: number): Word | QueryProblem {
  const odd = ONLY_IN_QUOTES.exec(piece.replaceAll(QUOTED, (quoted) => '.'.repeat(quoted.length)))
  if (odd !== null) {
    const problem = `"${odd[0]}" has no meaning here; put the text in quotes if it belongs to it`
    return { position: position + odd.index, problem }
  }
  if (piece.startsWith('-')) return { position, problem: 'write NOT to leave something out' }
  const field = FIELD.exec(piece)?.[0]
  const rest = field === undefined ? piece : piece.slice(field.length + 1)
  const value = rest.replaceAll(QUOTED, (_, single?: string, double?: string) => single ?? double ?? '')
  const valueAt = position + piece.length - rest.length
  return { kind: 'word', position, field, value, valueAt }
}

function explainOdd(character: string): string {
  if (character === '\\') return 'a backslash has no meaning here'
  return /[‘’“”]/.test(character) ? 'write straight quotes' : 'there is an invisible character'
}
