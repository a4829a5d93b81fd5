import { compileRepositoryGlobs } from '../../../policy/repositories.ts'
import type { RepositoryJson, TokenJson } from '../../api/types.ts'
import { repositoryName } from '../../words/places.ts'

/** Which of the repositories a token opens, its own first. What can't be read opens nothing. */
export function openedRepositories(
  token: Pick<TokenJson, 'repository' | 'repositories'>,
  repositories: readonly RepositoryJson[],
): readonly RepositoryJson[] {
  const scope = compileRepositoryGlobs(token.repositories ?? [token.repository ?? ''])
  if (!scope.ok) return []
  const isHome = (each: RepositoryJson): boolean => repositoryName(each) === token.repository
  return repositories
    .filter(({ namespace, name }) => scope.coversRepository(namespace, name))
    .toSorted((one, other) => Number(isHome(other)) - Number(isHome(one)))
}
