import { NEVER_USED, type TokenFacts } from '../../policy/search/facts.ts'
import { termsOf, type TokenFilter, type TokenTerm } from '../../policy/search/filter.ts'
import type { SearchSubject } from '../../policy/search/judge.ts'
import { metadataPairs, pairKey } from '../../policy/search/metadata.ts'
import type { StoredToken, TokenQuery } from '../contract.ts'
import type { Search } from './bounds.ts'
import { idsOf } from './page.ts'
import { NO_END, type Entry } from './sets.ts'

/** What looking at a token costs: at its name, which the order has; at what is known of it; at all of it. */
const COSTS = { name: 1, facts: 4, record: 25 } as const
type Subjects = readonly (SearchSubject | undefined)[]

/** Looks at tokens: by their ids, or as they stand in an order. undefined: it is gone. */
export interface Look {
  /** Of one token. */
  readonly cost: number
  readonly byIds: (ids: readonly string[]) => Promise<Subjects>
  readonly byEntries: (entries: readonly Entry[]) => Promise<Subjects>
}

/** How tokens are looked at: no closer than the filter needs. */
export function createLook({ index, order }: Pick<Search, 'index' | 'order'>, filter: TokenFilter): Look {
  const terms = termsOf(filter)
  const needsMetadata = terms.some(({ kind }) => kind === 'metadata')
  const isNameEnough = order === 'name' && terms.every(({ kind }) => NAME_ONLY.has(kind))
  const byIds: Look['byIds'] = async (ids) => {
    const [known, tokens] = await Promise.all([index.facts(ids), needsMetadata ? index.tokens(ids) : []])
    return known.map((each, at) => each && { ...each, metadata: pairsOf(tokens[at]) })
  }
  return {
    cost: needsMetadata ? COSTS.record : isNameEnough ? COSTS.name : COSTS.facts,
    byIds,
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

function pairsOf(token: StoredToken | undefined): ReadonlySet<string> {
  if (token === undefined) return NO_PAIRS
  return new Set(metadataPairs(token.metadata).map(([path, value]) => pairKey(path, value)))
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
