import type { TokenList, TokenQuery } from '../contract.ts'
import { BOUNDS, tooBroad, type SearchBounds } from './bounds.ts'
import type { SearchIndex } from './contract.ts'
import { judgeAll } from './judge-all.ts'
import { narrow } from './narrow.ts'
import { readPage, sum } from './page.ts'
import { exactParts, isOrderedBy, partsOfOrder } from './parts.ts'
import { findSource } from './sources.ts'
import { createTurns } from './turns.ts'
import { walk } from './walk.ts'

/** Searches that go through many tokens at the same time; others wait. */
const MOST_WALKS = 2

/** Finds tokens by the ordered sets of a store. See docs/search.md for what is fast. */
export function createSearch(
  index: SearchIndex,
  bounds: SearchBounds = BOUNDS,
): (query: TokenQuery) => Promise<TokenList> {
  const inTurn = createTurns(MOST_WALKS)
  return async (query) => {
    const search = narrow({ ...query, index, bounds })
    const { filter, order, repos } = search
    if (repos.length === 0) return { total: 0, isExact: true, tokens: [] }
    const ordered = partsOfOrder(search, order)
    if (filter === null) return readPage(search, ordered)
    const exact = exactParts(search, filter)
    // What the filter wants lies together in the order that is wanted.
    if (exact !== undefined && isOrderedBy(exact, order)) return readPage(search, exact)
    const source = await findSource(search, filter)
    if (source !== undefined && source.upper <= bounds.candidates) return judgeAll(search, filter, source)
    const known = exact === undefined ? undefined : sum(await index.count(exact))
    return inTurn(async () => {
      if (source === undefined || source.upper > bounds.mostCandidates) {
        return surely(await walk(search, filter, { source, known, cost: bounds.cost }))
      }
      const found = await walk(search, filter, { source, known, cost: bounds.patience })
      return found ?? judgeAll(search, filter, source)
    })
  }
}

function surely(found: TokenList | undefined): TokenList {
  if (found === undefined) throw tooBroad()
  return found
}
