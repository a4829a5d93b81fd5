import type { DatabaseSync } from 'node:sqlite'
import type { TokenList, TokenQuery, TokenStore } from '../contract.ts'
import { isPlain, notReady } from '../search/plain.ts'
import { createSearch } from '../search/search.ts'
import { readPage } from './database.ts'
import { parseToken } from './token-rows.ts'
import { createSqliteSearchIndex } from './search-index.ts'
import type { TokenIndex } from './token-index.ts'

/** Lists tokens by what is made for searches; while that is still being made, only what the tokens themselves can tell. */
export function createTokenList(database: DatabaseSync, index: TokenIndex): TokenStore['list'] {
  const search = createSearch(createSqliteSearchIndex(database, index))
  let isReady = false
  return async (query) => {
    isReady ||= index.rows.state().isReady
    if (isReady) return search(query)
    if (!isPlain(query)) throw notReady()
    return listPlain(database, query)
  }
}

function listPlain(database: DatabaseSync, query: TokenQuery): TokenList {
  const { owner, repos, filter, descending } = query
  const [repo = ''] = repos
  const wanted = filter?.kind === 'active' ? Number(filter.isActive) : null
  const from = `FROM tokens WHERE owner = :owner AND repo = :repo AND deleted_at IS NULL AND is_active = coalesce(:wanted, is_active)`
  const direction = descending ? 'DESC' : 'ASC'
  const { total, rows } = readPage<{ readonly record: string }>(database, query, {
    from,
    select: `SELECT record ${from} ORDER BY name ${direction}, slug_perm ${direction} LIMIT :limit OFFSET :offset`,
    values: { owner, repo, wanted },
  })
  return { total, isExact: true, tokens: rows.map(parseToken) }
}
