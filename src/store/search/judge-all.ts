import type { TokenFilter } from '../../policy/search/filter.ts'
import { compileFilter, type SearchSubject } from '../../policy/search/judge.ts'
import type { TokenList } from '../contract.ts'
import { inGroups } from '../slices.ts'
import type { Search } from './bounds.ts'
import { sortEntries } from './compare.ts'
import { createLook, valueOf } from './look.ts'
import { without } from './narrow.ts'
import { idsOf, readTokens } from './page.ts'
import type { Entry } from './sets.ts'
import type { Source } from './sources.ts'

/** Tokens that are looked at in one call. */
const CHUNK = 500

/** Looks at everything that a source has. */
export async function judgeAll(search: Search, filter: TokenFilter, source: Source): Promise<TokenList> {
  const { index, order, descending, page, pageSize, now } = search
  const rest = source.proven === undefined ? filter : without(filter, source.proven)
  const look = createLook(search, rest)
  const test = compileFilter(rest, now)
  const found: Entry[] = []
  for (const ids of inGroups([...new Set(await source.fetch())], CHUNK)) {
    for (const subject of await look.byIds(ids)) {
      if (subject !== undefined && isInScope(search, subject) && test(subject)) {
        found.push({ value: valueOf(subject, order), id: subject.facts.slugPerm })
      }
    }
  }
  const entries = sortEntries(found, descending).slice((page - 1) * pageSize, page * pageSize)
  return { total: found.length, isExact: true, tokens: await readTokens(index, idsOf(entries)) }
}

function isInScope({ owner, repos }: Search, { facts }: SearchSubject): boolean {
  return facts.owner === owner && repos.includes(facts.repo)
}
