import { conjunctsOf, type TokenFilter } from '../../policy/search/filter.ts'
import { compileFilter, type SearchSubject } from '../../policy/search/judge.ts'
import { pairKey } from '../../policy/search/metadata.ts'
import type { TokenList } from '../contract.ts'
import { inGroups } from '../slices.ts'
import type { Search } from './bounds.ts'
import { sortEntries } from './compare.ts'
import { createLook, valueOf } from './look.ts'
import { without } from './narrow.ts'
import { idsOf, readTokens } from './page.ts'
import { metadataOf, type Entry } from './sets.ts'
import type { Source } from './sources.ts'

/** Tokens that are looked at in one call. */
const CHUNK = 500

/** Looks at everything that a source has: at metadata first, which is quickly told, and at the rest of those that have it. */
export async function judgeAll(search: Search, filter: TokenFilter, source: Source): Promise<TokenList> {
  const { index, order, descending, page, pageSize, now } = search
  const unproven = source.proven === undefined ? filter : without(filter, source.proven)
  const { pairs, rest } = splitPairs(unproven)
  const look = createLook(search, rest)
  const test = compileFilter(rest, now)
  const found: Entry[] = []
  for (const ids of inGroups([...new Set(await source.fetch())], CHUNK)) {
    for (const subject of await look.byIds(await withPairs(search, pairs, ids))) {
      if (subject !== undefined && isInScope(search, subject) && test(subject)) {
        found.push({ value: valueOf(subject, order), id: subject.facts.slugPerm })
      }
    }
  }
  const entries = sortEntries(found, descending).slice((page - 1) * pageSize, page * pageSize)
  return { total: found.length, isExact: true, tokens: await readTokens(index, idsOf(entries)) }
}

/** The pairs of metadata that there must be, and what there is to judge besides. */
function splitPairs(filter: TokenFilter): { readonly pairs: readonly string[]; readonly rest: TokenFilter } {
  const terms = conjunctsOf(filter).filter((part) => part.kind === 'metadata')
  return {
    pairs: terms.map(({ path, value }) => pairKey(path, value)),
    rest: terms.reduce((rest, term) => without(rest, term), filter),
  }
}

async function withPairs(
  { index, owner }: Search,
  pairs: readonly string[],
  ids: readonly string[],
): Promise<readonly string[]> {
  let left = ids
  for (const pair of pairs) {
    if (left.length === 0) break
    const holders = await index.holders(metadataOf(owner), pair, left)
    left = left.filter((id) => holders.has(id))
  }
  return left
}

function isInScope({ owner, repos }: Search, { facts }: SearchSubject): boolean {
  return facts.owner === owner && repos.includes(facts.repo)
}
