import type { ApiClient } from './api-client.ts'
import { readToken, type ApiToken } from './api-token.ts'
import type { Repository } from './command-options.ts'
import { refused, type CliError } from './errors.ts'
import { isObject } from './json-fields.ts'
import { ambiguous, readAllPages, type ListQuery } from './lists.ts'
import { clean } from './text.ts'

const SLUG = /^[A-Za-z0-9_-]{1,64}$/

/**
 * The token that `id` names: by its slug_perm, else by its name, if no other has that name too.
 * @throws CliError when there is none, or more than one.
 */
export async function findToken(api: ApiClient, repository: Repository, id: string): Promise<ApiToken> {
  const found = SLUG.test(id) ? await readById(api, repository, id) : undefined
  if (found !== undefined) return found
  const named = (await listAllTokens(api, repository, { query: id })).filter(
    (each) => isObject(each) && each['name'] === id,
  )
  const [token, ...others] = named.map(readToken)
  if (token === undefined) throw noSuchToken(repository, id)
  if (others.length === 0) return token
  throw ambiguous(
    'tokens',
    id,
    [token, ...others].map(({ slugPerm }) => slugPerm),
  )
}

async function readById(api: ApiClient, repository: Repository, id: string): Promise<ApiToken | undefined> {
  const { body, isMissing } = await api({
    method: 'GET',
    path: tokenPath(repository, id),
    mayBeMissing: true,
  })
  return isMissing ? undefined : readToken(body)
}

/** All tokens that `query` asks for, as the API gives them. */
export function listAllTokens(api: ApiClient, repository: Repository, query: ListQuery): Promise<unknown[]> {
  return readAllPages(api, { path: listPath(repository), query, notFound: noSuchRepository(repository) })
}

export function listPath({ owner, repo }: Repository): readonly string[] {
  return ['entitlements', owner, repo]
}

export function tokenPath(
  repository: Repository,
  slugPerm: string,
  ...action: readonly string[]
): readonly string[] {
  return [...listPath(repository), slugPerm, ...action]
}

export function noSuchRepository({ owner, repo }: Repository): string {
  return `There is no repository ${owner}/${repo}. The configuration names those there are: postern check-config.`
}

function noSuchToken({ owner, repo }: Repository, id: string): CliError {
  return refused(
    `${owner}/${repo} has no token with the id or name "${clean(id)}". See postern tokens list ${owner}/${repo}.`,
  )
}
