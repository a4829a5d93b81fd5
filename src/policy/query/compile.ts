import { parseQuery, type Query } from './parse.ts'
import type { QueryProblem, Word } from './tokens.ts'
import { all, any, not, type Judge } from './truth.ts'

/** A query, ready to judge. */
export interface CompiledQuery<Subject> {
  readonly ok: true
  readonly judge: Judge<Subject>
}

/** A query that can't be used, with what is wrong with it. */
export interface BadQuery {
  readonly ok: false
  readonly problems: readonly QueryProblem[]
}

/** A value without its `~`, and whether something around it turns its meaning round. */
interface Value {
  readonly text: string
  readonly isNegated: boolean
}

/** Compiles one term; what the `~` and NOTs around it do has been seen to. */
export type CompileTerm<Subject> = (
  field: string | undefined,
  value: Value,
) => Judge<Subject> | string | Omit<QueryProblem, 'position'>

/**
 * Compiles a query whose terms `compileTerm` knows. All problems of its terms are reported at once, a broken form only by itself.
 */
export function compileQuery<Subject>(
  text: string,
  compileTerm: CompileTerm<Subject>,
): CompiledQuery<Subject> | BadQuery {
  const query = parseQuery(text)
  if ('problem' in query) return { ok: false, problems: [query] }
  const problems: QueryProblem[] = []
  const compile = (part: Query, isNegated: boolean): Judge<Subject> => {
    switch (part.kind) {
      case 'and':
        return all(part.parts.map((each) => compile(each, isNegated)))
      case 'or':
        return any(part.parts.map((each) => compile(each, isNegated)))
      case 'not':
        return not(compile(part.part, !isNegated))
      case 'word':
        return compileWord(part, isNegated, compileTerm, problems)
    }
  }
  const judge = compile(query, false)
  return problems.length === 0 ? { ok: true, judge } : { ok: false, problems }
}

/** Where the term has a problem, it is noted, and what is returned is of no use. */
function compileWord<Subject>(
  word: Word,
  isNegated: boolean,
  compileTerm: CompileTerm<Subject>,
  problems: QueryProblem[],
): Judge<Subject> {
  // `~=` is an operator of versions.
  const isTurned = word.value.startsWith('~') && !word.value.startsWith('~=')
  const text = word.value.slice(isTurned ? 1 : 0)
  const judge = compileTerm(word.field, { text, isNegated: isNegated !== isTurned })
  if (typeof judge === 'function') return isTurned ? not(judge) : judge
  if (typeof judge === 'string') problems.push({ position: word.valueAt, problem: judge })
  else problems.push({ position: word.position, ...judge })
  return () => undefined
}
