import { conjunctsOf, type TokenFilter } from '../../policy/search/filter.ts'
import { compileFilter, type SearchSubject } from '../../policy/search/judge.ts'
import { pairKey } from '../../policy/search/metadata.ts'
import type { TokenList } from '../contract.ts'
import { inGroups } from '../slices.ts'
import type { Search } from './bounds.ts'
import type { Known } from './contract.ts'
import { sortEntries } from './compare.ts'
import { createLook, valueOf } from './look.ts'
import { without } from './narrow.ts'
import { idsOf, readTokens } from './page.ts'
import { metadataOf, type Entry } from './sets.ts'
import type { Source } from './sources.ts'

/** Tokens that are looked at in one call. */
const CHUNK = 500

/**
 * Looks at everything that a source has. Metadata that there must be is quickly told: of ids it is told first, of tokens that are known already,
 * and have its bits, last.
 */
export async function judgeAll(search: Search, filter: TokenFilter, source: Source): Promise<TokenList> {
  const { index, order, descending, page, pageSize } = search
  const unproven = source.proven === undefined ? filter : without(filter, source.proven)
  const judge = createJudge(search, unproven)
  const found = new Map<string, Entry>()
  for await (const { ids = [], known } of source.fetch()) {
    const wanted = known === undefined ? await judge.ids(ids) : await judge.known(known)
    for (const subject of wanted) {
      const id = subject.facts.slugPerm
      found.set(id, { value: valueOf(subject, order), id })
    }
  }
  const entries = sortEntries([...found.values()], descending).slice((page - 1) * pageSize, page * pageSize)
  return { total: found.size, isExact: true, tokens: await readTokens(index, idsOf(entries)) }
}

/** Tells those that are wanted. */
interface Judge {
  readonly ids: (ids: readonly string[]) => Promise<readonly SearchSubject[]>
  readonly known: (known: readonly Known[]) => Promise<readonly SearchSubject[]>
}

function createJudge(search: Search, filter: TokenFilter): Judge {
  const { pairs, rest } = splitPairs(filter)
  const look = createLook(search, rest)
  const test = compileFilter(rest, search.now)
  const isWanted = (subject: SearchSubject | undefined): subject is SearchSubject =>
    subject !== undefined && isInScope(search, subject) && test(subject)
  return {
    ids: async (ids) => {
      const wanted: SearchSubject[] = []
      for (const some of inGroups(ids, CHUNK))
        wanted.push(...(await look.byIds(await withPairs(search, pairs, some))).filter(isWanted))
      return wanted
    },
    known: async (known) => {
      const wanted = (await look.further(known)).filter(isWanted)
      const ids = wanted.map(({ facts }) => facts.slugPerm)
      const left = new Set(await withPairs(search, pairs, ids))
      return wanted.filter(({ facts }) => left.has(facts.slugPerm))
    },
  }
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

function isInScope({ owner, repos }: Search, { facts }: Known): boolean {
  return facts.owner === owner && repos.includes(facts.repo)
}
