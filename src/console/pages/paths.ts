import type { RepositoryJson, TokenJson } from '../api/types.ts'
import { withQuery } from '../router/location.ts'
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

type Repository = Pick<RepositoryJson, 'namespace' | 'name'>

/** What was downloaded from a repository. */
export function usagePath({ namespace: owner, name: repo }: Repository): string {
  return buildPath('/usage/:owner/:repo', { owner, repo })
}

/** Who downloaded a package; `version` empty: any. */
export function packagePath(repository: Repository, name: string, version: string): string {
  const path = `${usagePath(repository)}/package`
  return withQuery(path, { name, version })
}

/** The log of a repository. */
export function logPath(repository: Repository, query: Readonly<Record<string, string>> = {}): string {
  return withQuery(`${usagePath(repository)}/log`, query)
}
