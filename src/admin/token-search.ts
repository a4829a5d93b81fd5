import { WHOLE_OWNER } from '../policy/owner-level.ts'
import { parseQuery, type Query } from '../policy/query/parse.ts'
import { compilePattern } from '../policy/query/pattern.ts'
import type { QueryProblem, Word } from '../policy/query/tokens.ts'
import { TOKEN_STATES, type TokenFilter } from '../policy/search/filter.ts'
import { isSearchable, LONGEST_PATH, LONGEST_VALUE } from '../policy/search/metadata.ts'
import { didYouMean } from '../text/near.ts'
import { FIGURE_FIELDS, readFigure } from './search-figures.ts'

/** A search that can be carried out (`filter` null: for everything), or all that is wrong with it, each with its place. */
export type TokenSearch =
  | { readonly filter: TokenFilter | null }
  | { readonly messages: readonly [string, ...string[]] }

const METADATA = 'metadata.'

type Problem = Omit<QueryProblem, 'position'>
/** Reads the value of a field, or says what is wrong with it. */
type ReadValue = (value: string, now: number) => TokenFilter | string

const FIELDS: ReadonlyMap<string, ReadValue> = new Map<string, ReadValue>([
  ['name', (value) => readPattern('name', value)],
  ['identifier', (slugPerm) => (slugPerm === '' ? MISSING : { kind: 'identifier', slugPerm })],
  ['active', readActive],
  ['state', readState],
  ['repository', readRepository],
  ...FIGURE_FIELDS.map(
    (field) => [field, (value: string, now: number) => readFigure(field, value, now)] as const,
  ),
])

const MISSING = 'a value is missing'

/**
 * Reads `query` of a list of tokens: Cloudsmith's filter of its list of tokens, see docs/search.md. Spaces alone ask for everything. Nothing in
 * it is ever passed over.
 */
export function readTokenSearch(text: string, now: number): TokenSearch {
  if (text.trim() === '') return { filter: null }
  const query = parseQuery(text)
  if ('problem' in query) return { messages: [explain(query)] }
  const problems: QueryProblem[] = []
  const filter = compile(query, now, problems)
  const [first, ...others] = problems.map(explain)
  return first === undefined ? { filter } : { messages: [first, ...others] }
}

function explain({ position, problem, unknownField }: QueryProblem): string {
  const known = [...FIELDS.keys(), `${METADATA}KEY`]
  const guess = unknownField === undefined ? '' : didYouMean(unknownField, known)
  return `character ${position + 1}: ${problem}${guess}`
}

/** Where a term has a problem, it is noted, and what is returned is of no use. */
function compile(query: Query, now: number, problems: QueryProblem[]): TokenFilter {
  switch (query.kind) {
    case 'and':
    case 'or':
      return { kind: query.kind, parts: query.parts.map((part) => compile(part, now, problems)) }
    case 'not':
      return { kind: 'not', part: compile(query.part, now, problems) }
    case 'word':
      return compileWord(query, now, problems)
  }
}

function compileWord(word: Word, now: number, problems: QueryProblem[]): TokenFilter {
  const isTurned = word.value.startsWith('~')
  const term = readTerm(word.field, word.value.slice(isTurned ? 1 : 0), now)
  if (typeof term === 'string') problems.push({ position: word.valueAt, problem: term })
  else if ('problem' in term) problems.push({ position: word.position, ...term })
  else return isTurned ? { kind: 'not', part: term } : term
  return { kind: 'and', parts: [] }
}

function readTerm(field: string | undefined, value: string, now: number): TokenFilter | string | Problem {
  if (field === undefined) return readPattern('word', value)
  if (field.startsWith(METADATA)) return readMetadata(field.slice(METADATA.length), value)
  const read = FIELDS.get(field)
  return read === undefined
    ? { problem: `there is no field "${field}"`, unknownField: field }
    : read(value, now)
}

function readPattern(kind: 'name' | 'word', value: string): TokenFilter | string {
  const pattern = compilePattern(value)
  if (typeof pattern !== 'string') return { kind, pattern: value }
  return /^[<>=]/.test(value) ? 'names are not compared so; for the very same name write ^name$' : pattern
}

function readActive(value: string): TokenFilter | string {
  const text = value.toLowerCase()
  if (text !== 'true' && text !== 'false') return 'this must be true or false'
  return { kind: 'active', isActive: text === 'true' }
}

function readState(value: string): TokenFilter | string {
  const state = TOKEN_STATES.find((each) => each === value.toLowerCase())
  return state === undefined ? `this must be one of ${TOKEN_STATES.join(', ')}` : { kind: 'state', state }
}

/** `stable`, `acme/stable`, or `none` for what belongs to the owner: the list is that of one owner. */
function readRepository(value: string): TokenFilter | string {
  const repo = value.slice(value.indexOf('/') + 1)
  if (repo === '') return MISSING
  return { kind: 'repository', repo: repo === 'none' ? WHOLE_OWNER : repo }
}

function readMetadata(path: string, value: string): TokenFilter | string | Problem {
  if (path === '') return { problem: 'the key of the metadata is missing' }
  if (value === '') return MISSING
  if (!isSearchable(path, value)) {
    return `keys of up to ${LONGEST_PATH} and values of up to ${LONGEST_VALUE} characters are searched`
  }
  return { kind: 'metadata', path, value }
}
