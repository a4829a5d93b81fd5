import type { TokenState } from '../../policy/search/filter.ts'

/** What a list of tokens can be narrowed to, beside a search. */
export type StateFilter = TokenState | 'ends_soon'

export const STATE_FILTERS: readonly (readonly [value: StateFilter, title: string])[] = [
  ['active', 'Active'],
  ['ends_soon', 'Ends within 30 days'],
  ['used_up', 'Used up'],
  ['expired', 'Expired'],
  ['not_yet_valid', 'Not yet valid'],
  ['disabled', 'Switched off'],
]

const TERMS: ReadonlyMap<string, string> = new Map(
  STATE_FILTERS.map(([value]) => [
    value,
    value === 'ends_soon' ? 'expires:>now expires:<+30d' : `state:${value}`,
  ]),
)

/** The search that the API is asked: what was typed, and the filter; see docs/search.md. What is no filter narrows nothing. */
export function tokenQuery(typed: string, filter: string): string {
  const text = typed.trim()
  const term = TERMS.get(filter)
  if (term === undefined) return text
  return text === '' ? term : `(${text}) ${term}`
}

/** A message about the search, with its place in what was typed. */
export function placeInTyped(message: string, typed: string, filter: string): string {
  const shift = tokenQuery(typed, filter).startsWith('(') && TERMS.get(filter) !== undefined ? 1 : 0
  const indent = typed.length - typed.trimStart().length
  return message.replaceAll(/character (\d+):/g, (_, at: string) => {
    const place = Number(at) - shift + indent
    return `character ${Math.min(Math.max(1, place), typed.length)}:`
  })
}
