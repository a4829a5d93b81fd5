import { conjunctsOf, joinRanges, type TokenFilter, type TokenTerm } from '../../policy/search/filter.ts'
import type { TokenQuery } from '../contract.ts'

/**
 * A repository that must be it is where to look; then there is nothing left to judge about it. Bounds of one figure become one range.
 */
export function narrow<Search extends Pick<TokenQuery, 'filter' | 'repos'>>(search: Search): Search {
  const { filter, repos } = search
  if (filter === null) return search
  const parts = conjunctsOf(filter)
  const wanted = parts.flatMap((part) => (part.kind === 'repository' ? [part.repo] : []))
  const others = joinRanges(parts.filter((part) => part.kind !== 'repository'))
  const [only] = others
  return {
    ...search,
    repos: repos.filter((repo) => wanted.every((each) => each === repo)),
    filter: others.length > 1 ? { kind: 'and', parts: others } : (only ?? null),
  }
}

/** The filter for those for which the term holds anyway. */
export function without(filter: TokenFilter, term: TokenTerm): TokenFilter {
  if (filter === term) return { kind: 'and', parts: [] }
  return filter.kind === 'and'
    ? { kind: 'and', parts: filter.parts.map((part) => without(part, term)) }
    : filter
}
