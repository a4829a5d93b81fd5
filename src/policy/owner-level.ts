import type { TokenRecord } from './types.ts'

/**
 * Stands where a token's repository would when the token belongs to its owner. No repository can have this name, and as a glob it is every
 * one of them.
 */
export const WHOLE_OWNER = '*'

type Placed = Pick<TokenRecord, 'owner' | 'repo'>

/** True when the token belongs to its owner and not to one repository. */
export function isOwnerLevel({ repo }: Pick<TokenRecord, 'repo'>): boolean {
  return repo === WHOLE_OWNER
}

/** `owner/repo`; null: it belongs to the owner. */
export function homeOf(token: Placed): string | null {
  return isOwnerLevel(token) ? null : `${token.owner}/${token.repo}`
}

/** True for places of which no two tokens may share a secret: the same repository, or anywhere of an owner and the owner. */
export function isNear(one: Placed, other: Placed): boolean {
  if (one.owner !== other.owner) return false
  return one.repo === other.repo || isOwnerLevel(one) || isOwnerLevel(other)
}
