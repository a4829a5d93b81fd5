import { conjunctsOf, type TokenFilter } from '../../policy/search/filter.ts'
import { compileFilter } from '../../policy/search/judge.ts'
import type { TokenList } from '../contract.ts'
import type { Search } from './bounds.ts'
import type { Part } from './contract.ts'
import { createLook } from './look.ts'
import { mergeParts } from './merge.ts'
import { readTokens, sum } from './page.ts'
import { exactParts, isOrderedBy, partsOfOrder } from './parts.ts'
import type { Source } from './sources.ts'

interface Bounds {
  readonly source: Source | undefined
  /** How many there are to be found. */
  readonly known: number | undefined
  readonly cost: number
}

/** Goes along the order until the page is full. undefined: that would cost too much. */
export async function walk(
  search: Search,
  filter: TokenFilter,
  { source, known, cost }: Bounds,
): Promise<TokenList | undefined> {
  const { index, bounds, order, descending, page, pageSize, now } = search
  // Where the filter bounds what is sorted by, only what lies within.
  const parts = rangeOfOrder(search, filter) ?? partsOfOrder(search, order)
  const [all, look, test] = [
    sum(await index.count(parts)),
    createLook(search, filter),
    compileFilter(filter, now),
  ]
  const [first, ids]: [number, string[]] = [(page - 1) * pageSize, []]
  let [matched, passed, budget] = [0, 0, cost]
  let isFull = false
  for await (const batch of mergeParts(index, parts, descending)) {
    for (const subject of await look.byEntries(batch)) {
      if (subject === undefined || !test(subject)) continue
      if (matched >= first && ids.length < pageSize) ids.push(subject.facts.slugPerm)
      matched++
    }
    passed += batch.length
    budget -= batch.length * look.cost
    if (!isFull && ids.length === pageSize) {
      isFull = true
      budget = Math.min(budget, known === undefined ? bounds.counting : 0)
    }
    if (budget <= 0 && passed < all) {
      if (!isFull) return undefined
      const upper = Math.min(source?.upper ?? Infinity, matched + all - passed)
      return { total: known ?? upper, isExact: known !== undefined, tokens: await readTokens(index, ids) }
    }
  }
  return { total: matched, isExact: true, tokens: await readTokens(index, ids) }
}

/** The part of the order in which everything lies that is wanted, if the filter says so. */
function rangeOfOrder(search: Search, filter: TokenFilter): readonly Part[] | undefined {
  return conjunctsOf(filter)
    .map((part) => exactParts(search, part))
    .find((parts) => parts !== undefined && isOrderedBy(parts, search.order))
}
