import type { TokenJson } from '../api/types.ts'
import { buildPath } from '../router/match.ts'
import { homeOf } from '../words/places.ts'

type Token = Pick<TokenJson, 'owner' | 'repository' | 'slug_perm'>

/** The page of a token. */
export function tokenPagePath(token: Token): string {
  return buildPath('/tokens/:owner/:repo/:id', { ...homeOf(token), id: token.slug_perm })
}

/** Where a token is edited. */
export function tokenEditPath(token: Token): string {
  return `${tokenPagePath(token)}/edit`
}
