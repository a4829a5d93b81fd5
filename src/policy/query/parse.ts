import { tokenize, type QueryProblem, type QueryToken, type Word } from './tokens.ts'

/** A query after reading. */
export type Query =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'not'; readonly part: Query }
  | Word

/** Deepest nesting of parentheses and NOTs that is accepted. Bounds the stack. */
const DEEPEST = 50

/**
 * Reads a query, or says what is wrong with it. NOT binds tighter than AND, AND tighter than OR; terms beside one another are
 * joined by AND.
 */
export function parseQuery(text: string): Query | QueryProblem {
  const tokens = tokenize(text)
  if ('problem' in tokens) return tokens
  const cursor = createCursor(tokens, text.length)
  const query = parseOr(cursor, 0)
  if ('problem' in query) return query
  const rest = cursor.peek()
  return rest === undefined ? query : { position: rest.position, problem: 'no parenthesis is open here' }
}

interface Cursor {
  readonly peek: () => QueryToken | undefined
  /** Steps over the next token if it is of this kind. */
  readonly skip: (kind: QueryToken['kind']) => boolean
  /** Where the next token is, or the end. */
  readonly position: () => number
}

function createCursor(tokens: readonly QueryToken[], end: number): Cursor {
  let at = 0
  const peek = (): QueryToken | undefined => tokens[at]
  const skip = (kind: QueryToken['kind']): boolean => {
    const found = peek()?.kind === kind
    if (found) at += 1
    return found
  }
  return { peek, skip, position: () => peek()?.position ?? end }
}

function parseOr(cursor: Cursor, depth: number): Query | QueryProblem {
  const parts: Query[] = []
  do {
    const part = parseAnd(cursor, depth)
    if ('problem' in part) return part
    parts.push(part)
  } while (cursor.skip('or'))
  return join('or', parts)
}

function parseAnd(cursor: Cursor, depth: number): Query | QueryProblem {
  const parts: Query[] = []
  do {
    const part = parseNot(cursor, depth)
    if ('problem' in part) return part
    parts.push(part)
  } while (cursor.skip('and') || beginsTerm(cursor.peek()))
  return join('and', parts)
}

function beginsTerm(token: QueryToken | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'open' || token?.kind === 'not'
}

function parseNot(cursor: Cursor, depth: number): Query | QueryProblem {
  const position = cursor.position()
  if (depth > DEEPEST) return { position, problem: `at most ${DEEPEST} levels of nesting are allowed` }
  if (cursor.skip('not')) {
    const part = parseNot(cursor, depth + 1)
    return 'problem' in part ? part : { kind: 'not', part }
  }
  if (cursor.skip('open')) return parseGroup(cursor, depth + 1, position)
  const token = cursor.peek()
  if (token?.kind !== 'word') return { position, problem: 'a term is missing here' }
  cursor.skip('word')
  return token
}

function parseGroup(cursor: Cursor, depth: number, opened: number): Query | QueryProblem {
  const group = parseOr(cursor, depth)
  if ('problem' in group || cursor.skip('close')) return group
  return { position: opened, problem: 'this parenthesis is not closed' }
}

function join(kind: 'and' | 'or', parts: readonly Query[]): Query {
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : { kind, parts }
}
