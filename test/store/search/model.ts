import { factsOf, type UsageFacts } from '../../../src/policy/search/facts.ts'
import { compileFilter } from '../../../src/policy/search/judge.ts'
import { metadataPairs, pairKey } from '../../../src/policy/search/metadata.ts'
import type { StoredToken, TokenQuery } from '../../../src/store/contract.ts'

/** A token and its use. */
export interface Used {
  readonly token: StoredToken
  readonly usage: UsageFacts
}

/** Ids of all tokens that a query wants, in its order, found by looking at each of them. */
export function expectedIds(all: readonly Used[], query: TokenQuery): readonly string[] {
  const { owner, repos, filter, order, descending, now } = query
  const test = filter === null ? () => true : compileFilter(filter, now)
  const valueOf = ({ token, usage }: Used): string | number => {
    const { name, createdAt } = token
    const by = {
      name,
      created: createdAt,
      expires: factsOf(token).window.until ?? Infinity,
      downloads: usage.downloads,
      last_used: usage.lastUsedAt ?? 0,
    }
    return by[order]
  }
  const found = all.filter(({ token, usage }) => {
    const metadata = new Set(metadataPairs(token.metadata).map(([path, value]) => pairKey(path, value)))
    return (
      token.owner === owner && repos.includes(token.repo) && test({ facts: factsOf(token), usage, metadata })
    )
  })
  const sorted = found.toSorted((a, b) => {
    const [one, other] = [valueOf(a), valueOf(b)]
    const byValue =
      typeof one === 'number'
        ? one - Number(other)
        : Buffer.compare(Buffer.from(one), Buffer.from(String(other)))
    return byValue || Buffer.compare(Buffer.from(a.token.slugPerm), Buffer.from(b.token.slugPerm))
  })
  const ids = sorted.map(({ token }) => token.slugPerm)
  return descending ? ids.toReversed() : ids
}
