import type { ApiClient } from './api-client.ts'
import { readToken, type ApiToken } from './api-token.ts'
import { formatHome, type Home } from './command-options.ts'
import { refused, type CliError } from './errors.ts'
import { isObject } from './json-fields.ts'
import { ambiguous, readAllPages, type ListQuery } from './lists.ts'
import { clean } from './text.ts'
import { searchForName } from './token-search.ts'

const SLUG = /^[A-Za-z0-9_-]{1,64}$/
/** What `findToken` takes, as the help has it. */
export const TOKEN_ID = 'id (slug_perm) or unique name of the token'
/** Where tokens that belong to an owner have their repository. */
const WHOLE_OWNER = '*'

/**
 * The token that `id` names: by its slug_perm, else by its name, if no other has that name too. Of an owner, whatever repository it is in.
 * @throws CliError when there is none, or more than one.
 */
export async function findToken(api: ApiClient, home: Home, id: string): Promise<ApiToken> {
  const found = SLUG.test(id) ? await readById(api, home, id) : undefined
  if (found !== undefined) return found
  const all = await listAllTokens(api, home, { query: searchForName(id) })
  const named = all.filter((each) => isObject(each) && each['name'] === id)
  const [token, ...others] = named.map(readToken)
  if (token === undefined) throw noSuchToken(home, id)
  if (others.length === 0) return token
  throw ambiguous(
    'tokens',
    id,
    [token, ...others].map(({ slugPerm }) => slugPerm),
  )
}

async function readById(api: ApiClient, home: Home, id: string): Promise<ApiToken | undefined> {
  if (home.repo === undefined) {
    const [found] = await listAllTokens(api, home, { query: `identifier:${id}` })
    return found === undefined ? undefined : readToken(found)
  }
  const path = [...listPath(home), id]
  const { body, isMissing } = await api({ method: 'GET', path, mayBeMissing: true })
  return isMissing ? undefined : readToken(body)
}

/** All tokens that `query` asks for, as the API gives them. */
export function listAllTokens(api: ApiClient, home: Home, query: ListQuery): Promise<unknown[]> {
  return readAllPages(api, { path: listPath(home), query, notFound: noSuchHome(home) })
}

export function listPath({ owner, repo }: Home): readonly string[] {
  return ['entitlements', owner, ...(repo === undefined ? [] : [repo])]
}

/** The path of a token that was found in `home`. */
export function tokenPath(
  home: Home,
  { slugPerm, repository }: Pick<ApiToken, 'slugPerm' | 'repository'>,
  ...action: readonly string[]
): readonly string[] {
  const repo = home.repo ?? repository?.split('/')[1] ?? WHOLE_OWNER
  return ['entitlements', home.owner, repo, slugPerm, ...action]
}

export function noSuchHome({ owner, repo }: Home): string {
  const what = repo === undefined ? `owner ${owner}` : `repository ${owner}/${repo}`
  return `There is no ${what}. The configuration names those there are: postern check-config.`
}

function noSuchToken(home: Home, id: string): CliError {
  const where = formatHome(home)
  return refused(
    `${where} has no token with the id or name "${clean(id)}". See postern tokens list ${where}.`,
  )
}
