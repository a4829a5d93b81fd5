import type { RepositoryJson } from '../../api/types.ts'
import type { Params } from '../../router/match.ts'

/** The repository of a page's path; undefined: the key does not cover it, or there is none. */
export function repositoryOf(
  { owner, repo }: Params,
  repositories: readonly RepositoryJson[],
): RepositoryJson | undefined {
  return repositories.find(({ namespace, name }) => namespace === owner && name === repo)
}
