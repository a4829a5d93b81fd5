import { NEVER_USED, type TokenFacts } from '../../policy/search/facts.ts'
import { termsOf, type TokenFilter, type TokenTerm } from '../../policy/search/filter.ts'
import type { SearchSubject } from '../../policy/search/judge.ts'
import { pairKey } from '../../policy/search/metadata.ts'
import type { TokenQuery } from '../contract.ts'
import type { Search } from './bounds.ts'
import type { Known } from './contract.ts'
import { idsOf } from './page.ts'
import { metadataOf, NO_END, type Entry } from './sets.ts'

/** What looking at a token costs: at its name, which the order has; at what is known of it; at whether it has a pair of metadata. */
const COSTS = { name: 1, facts: 4, pair: 3 } as const
type Subjects = readonly (SearchSubject | undefined)[]

/** Looks at tokens: by their ids, or as they stand in an order. undefined: it is gone. */
export interface Look {
  /** Of one token. */
  readonly cost: number
  readonly byIds: (ids: readonly string[]) => Promise<Subjects>
  /** Of which something is known already. */
  readonly further: (known: readonly Known[]) => Promise<readonly SearchSubject[]>
  readonly byEntries: (entries: readonly Entry[]) => Promise<Subjects>
}

/** How tokens are looked at: no closer than the filter needs. */
export function createLook(
  { index, order, owner }: Pick<Search, 'index' | 'order' | 'owner'>,
  filter: TokenFilter,
): Look {
  const terms = termsOf(filter)
  const pairs = new Set(
    terms.flatMap((term) => (term.kind === 'metadata' ? [pairKey(term.path, term.value)] : [])),
  )
  const isNameEnough = order === 'name' && terms.every(({ kind }) => NAME_ONLY.has(kind))
  const set = metadataOf(owner)
  const pairsOf = async (ids: readonly string[]): Promise<(id: string) => SearchSubject['metadata']> => {
    if (pairs.size === 0) return () => NO_PAIRS
    const holders = await Promise.all(
      Array.from(pairs, async (pair) => ({ pair, ids: await index.holders(set, pair, ids) })),
    )
    return (id) => new Set(holders.flatMap((each) => (each.ids.has(id) ? [each.pair] : [])))
  }
  const byIds: Look['byIds'] = async (ids) => {
    const [known, metadata] = await Promise.all([index.facts(ids), pairsOf(ids)])
    return known.map((each) => each && { ...each, metadata: metadata(each.facts.slugPerm) })
  }
  return {
    cost: isNameEnough ? COSTS.name : COSTS.facts + COSTS.pair * pairs.size,
    byIds,
    further: async (known) => {
      const metadata = await pairsOf(known.map(({ facts }) => facts.slugPerm))
      return known.map((each) => ({ ...each, metadata: metadata(each.facts.slugPerm) }))
    },
    byEntries: async (entries) => (isNameEnough ? entries.map(asNamed) : byIds(idsOf(entries))),
  }
}

const NAME_ONLY: ReadonlySet<TokenTerm['kind']> = new Set(['name', 'word', 'identifier'])
const NO_PAIRS: ReadonlySet<string> = new Set()

/** What nobody asks about a token of which the order tells enough. */
const UNASKED: Omit<TokenFacts, 'slugPerm' | 'name'> = {
  owner: '',
  repo: '',
  isActive: false,
  createdAt: 0,
  validFrom: null,
  validUntil: null,
  window: { from: null, until: null },
  limitDownloads: null,
  limitBytes: null,
  schedule: { period: 'Never Reset', anchor: 0 },
}

function asNamed({ value, id }: Entry): SearchSubject {
  return { facts: { ...UNASKED, slugPerm: id, name: String(value) }, usage: NEVER_USED, metadata: NO_PAIRS }
}

/** Where the token stands in the order. */
export function valueOf({ facts, usage }: SearchSubject, order: TokenQuery['order']): string | number {
  switch (order) {
    case 'name':
      return facts.name
    case 'created':
      return facts.createdAt
    case 'expires':
      return facts.window.until ?? NO_END
    case 'downloads':
      return usage.downloads
    case 'last_used':
      return usage.lastUsedAt ?? 0
  }
}
