import { WHOLE_OWNER } from '../../policy/owner-level.ts'
import type { RepositoryJson, TokenJson } from '../api/types.ts'
import type { Rights } from '../session/rights.ts'

/** A repository, or all of an owner's where `repo` is `*`. */
export interface TokenPlace {
  readonly owner: string
  readonly repo: string
}

/** Where somebody may look for tokens: all of an owner's where their key covers them, then each repository. */
export function tokenPlaces(
  repositories: readonly RepositoryJson[],
  { coversGlobs }: Pick<Rights, 'coversGlobs'>,
): readonly TokenPlace[] {
  const owners = [...new Set(repositories.map(({ namespace }) => namespace))].toSorted()
  return owners.flatMap((owner) => [
    ...(coversGlobs([`${owner}/${WHOLE_OWNER}`]) ? [{ owner, repo: WHOLE_OWNER }] : []),
    ...repositories.filter(({ namespace }) => namespace === owner).map(({ name }) => ({ owner, repo: name })),
  ])
}

/** Whether it is all of an owner's repositories. */
export function isWholeOwner({ repo }: TokenPlace): boolean {
  return repo === WHOLE_OWNER
}

/** The one of the places that has this name. */
export function findPlace(places: readonly TokenPlace[], name: string | null): TokenPlace | undefined {
  return places.find((place) => placeName(place) === name)
}

export function placeName({ owner, repo }: TokenPlace): string {
  return `${owner}/${repo}`
}

export function placeTitle(place: TokenPlace): string {
  return isWholeOwner(place) ? `All of ${place.owner}` : placeName(place)
}

/** `acme/stable`, as tokens and addresses of pages name a repository. */
export function repositoryName({ namespace, name }: Pick<RepositoryJson, 'namespace' | 'name'>): string {
  return placeName({ owner: namespace, repo: name })
}

/** Segments of the API's path of a list of what is there. */
export function pathIn(list: string, place: TokenPlace): readonly string[] {
  return isWholeOwner(place) ? [list, place.owner] : [list, place.owner, place.repo]
}

/** Segments of the API's path of the tokens there. */
export function listPath(place: TokenPlace): readonly string[] {
  return pathIn('entitlements', place)
}

/** Where a token is at home. */
export function homeOf({ owner, repository }: Pick<TokenJson, 'owner' | 'repository'>): TokenPlace {
  return { owner, repo: repository?.slice(owner.length + 1) ?? WHOLE_OWNER }
}

/** `acme/stable`, or what stands for all of an owner's repositories. */
export function homeTitle(token: Pick<TokenJson, 'owner' | 'repository'>): string {
  return token.repository ?? `${token.owner} (owner)`
}
