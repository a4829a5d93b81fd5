import { shareUsed, type TokenFacts, type UsageFacts } from '../../policy/search/facts.ts'
import { metadataPairs, pairKey } from '../../policy/search/metadata.ts'
import type { StoredToken } from '../contract.ts'

/**
 * Ordered sets by which tokens are found: each holds ids (slug_perm) in the order of a value, and ids of equal values in the order of the
 * ids. Texts are in the order of their code points.
 *
 * Every token of a repository, deleted ones excepted, is in all of these of its repository:
 * - `names`, and of these `active` or `disabled`: by name
 * - `created`: by when; `expires`: by the end of its window; `used`: by its last use; `downloads`: by how many
 *
 * and in these, if there is a value: `from` (`limit_date_range_from`), `share` (see shareUsed; only from a half on).
 *
 * Of an owner, over all repositories: `owner-names`, and `metadata` by `pairKey`, one entry for each pair.
 */
export type SetKind =
  | 'names'
  | 'active'
  | 'disabled'
  | 'created'
  | 'expires'
  | 'used'
  | 'downloads'
  | 'from'
  | 'share'
  | 'owner-names'
  | 'metadata'

/** Names a set. `repo` null: of the owner. */
export interface SetName {
  readonly kind: SetKind
  readonly owner: string
  readonly repo: string | null
}

/** The set of an owner's pairs of metadata. */
export function metadataOf(owner: string): SetName {
  return { kind: 'metadata', owner, repo: null }
}

/** Something in a set. */
export interface Entry {
  readonly value: string | number
  readonly id: string
}

/** An entry and where it is. */
export interface Placed {
  readonly set: SetName
  readonly value: string | number
}

/** Stands for an end that never comes, behind all that do; for a use that never was, 0. */
export const NO_END: number = Number.MAX_SAFE_INTEGER
const LEAST_SHARE = 0.5

/** True for sets whose values are texts. */
export function isLexical(kind: SetKind): boolean {
  return ['names', 'active', 'disabled', 'owner-names', 'metadata'].includes(kind)
}

/** Where the token stands by itself; `usage` decides about nothing but its share. */
export function placesOf(token: StoredToken, facts: TokenFacts, usage: UsageFacts): readonly Placed[] {
  const { owner, repo, name, isActive } = token
  const inRepo = (kind: SetKind, value: string | number): Placed => ({ set: { kind, owner, repo }, value })
  const inOwner = (kind: SetKind, value: string): Placed => ({ set: { kind, owner, repo: null }, value })
  return [
    inRepo('names', name),
    inRepo(isActive ? 'active' : 'disabled', name),
    inOwner('owner-names', name),
    inRepo('created', facts.createdAt),
    inRepo('expires', facts.window.until ?? NO_END),
    ...(facts.validFrom === null ? [] : [inRepo('from', facts.validFrom)]),
    ...metadataPairs(token.metadata).map(([path, value]) => inOwner('metadata', pairKey(path, value))),
    ...usagePlaces({ owner, repo }, facts, usage),
  ]
}

/** Where its use puts it. */
export function usagePlaces(
  { owner, repo }: Pick<StoredToken, 'owner' | 'repo'>,
  facts: Pick<TokenFacts, 'limitDownloads' | 'limitBytes'>,
  usage: UsageFacts,
): readonly Placed[] {
  const share = shareUsed(facts, usage)
  const places: Placed[] = [
    { set: { kind: 'used', owner, repo }, value: usage.lastUsedAt ?? 0 },
    { set: { kind: 'downloads', owner, repo }, value: usage.downloads },
  ]
  if (share !== null && share >= LEAST_SHARE)
    places.push({ set: { kind: 'share', owner, repo }, value: share })
  return places
}

/** What has to go and what has to come where places change. */
export function differences(
  before: readonly Placed[],
  after: readonly Placed[],
): { readonly gone: readonly Placed[]; readonly come: readonly Placed[] } {
  const [old, next] = [byKey(before), byKey(after)]
  return {
    gone: [...old].flatMap(([key, placed]) => (next.has(key) ? [] : [placed])),
    come: [...next].flatMap(([key, placed]) => (old.has(key) ? [] : [placed])),
  }
}

function byKey(places: readonly Placed[]): ReadonlyMap<string, Placed> {
  return new Map(places.map((placed) => [`${nameOfSet(placed.set)} ${placed.value}`, placed]))
}

/** One text for a set: no name of an owner or a repository has a space in it. */
export function nameOfSet({ kind, owner, repo }: SetName): string {
  return `${kind} ${owner} ${repo ?? ''}`
}
