import { refuse, type Refusal } from './refusal.ts'
import type { Artifact, Repository, Token } from './types.ts'

/** What a permitted delivery costs: one download, or nothing. */
export type Charge = 'download' | 'free'

export interface Permission {
  readonly ok: true
  readonly charge: Charge
}

const ONE_DOWNLOAD: Permission = { ok: true, charge: 'download' }
const FREE: Permission = { ok: true, charge: 'free' }

/**
 * Decides whether `token` may read `artifact` of `repository` at `now` (epoch ms). Pure. The order of the checks is a contract:
 * state, window, repository, scope. A token that does not work never learns which packages exist.
 */
export function decide(
  token: Token,
  repository: Repository,
  artifact: Artifact,
  now: number,
): Permission | Refusal {
  const { isActive, validFrom, validUntil } = token.record
  if (!isActive) return refuse('token_disabled')
  if (validFrom !== null && now < validFrom) return refuse('token_not_yet_valid', { at: validFrom })
  if (validUntil !== null && now >= validUntil) return refuse('token_expired', { at: validUntil })
  if (!token.coversRepository(repository.owner, repository.repo)) return refuse('repository_not_covered')
  if (!token.covers(artifact)) return refuse('package_not_covered')
  return chargeFor(artifact)
}

/** Decides without a token: only what lies in a public repository, and it is charged to nobody. */
export function decidePublic(repository: Repository): Permission | Refusal {
  return repository.public ? FREE : refuse('credential_missing')
}

/** Packages cost a download; a file that can't be told from one costs the same. */
function chargeFor({ kind }: Artifact): Permission {
  return kind === 'package' || kind === 'unknown' ? ONE_DOWNLOAD : FREE
}
