import { lacksAcceptance, type Eula } from './eula.ts'
import { refuse, type Refusal } from './refusal.ts'
import type { Artifact, Repository, Token } from './types.ts'

/** What a permitted delivery costs: one download, or nothing. */
type Charge = 'download' | 'free'

export interface Permission {
  readonly ok: true
  readonly charge: Charge
}

const ONE_DOWNLOAD: Permission = { ok: true, charge: 'download' }
const FREE: Permission = { ok: true, charge: 'free' }

/** Where a request wants to read, and where it comes from. */
export interface Place {
  readonly owner: string
  readonly repo: string
  /** undefined: no such repository is served. */
  readonly artifact: Artifact | undefined
  /** What has to be accepted there; undefined or absent: nothing. */
  readonly eula?: Eula | undefined
  /** Full address of the client, not folded. */
  readonly address: string
}

/**
 * Decides whether `token` may read what is at `place`, at `now` (epoch ms). Pure. The order of the checks is a contract: state,
 * window, network, repository, existence, EULA, scope. A token that does not work, or not from there, never learns which repositories and
 * packages exist.
 */
export function decide(token: Token, place: Place, now: number): Permission | Refusal {
  const refusal = whyNotWorking(token, place.address, now)
  if (refusal !== undefined) return refusal
  if (!token.coversRepository(place.owner, place.repo)) return refuse('repository_not_covered')
  if (place.artifact === undefined) return refuse('not_found')
  if (lacksAcceptance(token.record, `${place.owner}/${place.repo}`, place.eula))
    return refuse('eula_not_accepted', { revision: place.eula?.revision ?? 0 })
  if (!token.covers(place.artifact, place.owner, place.repo)) return refuse('package_not_covered')
  return chargeFor(place.artifact)
}

/** Decides whether `token` works at all, for whoever only logs in. It costs nothing. */
export function decideLogin(token: Token, address: string, now: number): Permission | Refusal {
  return whyNotWorking(token, address, now) ?? FREE
}

/**
 * Decides whether the page about `token` in a repository is shown, which costs nothing: also when the token does not work, for the page says
 * why; but to nobody at an address that the token is not for, and for no repository that it does not cover.
 */
export function decidePage(token: Token, place: PagePlace, now: number): Permission | Refusal {
  if (!token.includesAddress(place.address)) return refuse('network_not_allowed')
  if (!token.coversRepository(place.owner, place.repo)) return refuse('repository_not_covered')
  return place.isServed ? FREE : (whyNotWorking(token, place.address, now) ?? refuse('not_found'))
}

/** Decides whether the EULA of a repository may be accepted with `token`: wherever it works and something is to be accepted. */
export function decideAcceptance(
  token: Token,
  { owner, repo, address, eula }: Omit<Place, 'artifact'>,
  now: number,
): Permission | Refusal {
  const refusal = whyNotWorking(token, address, now)
  if (refusal !== undefined) return refusal
  if (!token.coversRepository(owner, repo)) return refuse('repository_not_covered')
  return eula === undefined ? refuse('method_not_allowed') : FREE
}

/** Of which repository a page is wanted, and from where. */
export interface PagePlace extends Omit<Place, 'artifact' | 'eula'> {
  readonly isServed: boolean
}

/** Why `token` opens nothing at `now`, from wherever; undefined: it opens what it covers. */
export function whyIdle(token: Token, now: number): Refusal | undefined {
  const { from, until } = token.window
  if (!token.record.isActive) return refuse('token_disabled')
  if (from !== null && now < from) return refuse('token_not_yet_valid', { at: from })
  return until !== null && now >= until ? refuse('token_expired', { at: until }) : undefined
}

/** Decides whether everybody may know which services a repository has: where it has some. */
export function decideDiscovery(isOffered: boolean): Permission | Refusal {
  return isOffered ? FREE : refuse('not_found')
}

function whyNotWorking(token: Token, address: string, now: number): Refusal | undefined {
  const idle = whyIdle(token, now)
  if (idle !== undefined) return idle
  return token.includesAddress(address) ? undefined : refuse('network_not_allowed')
}

/**
 * Decides without a token: only what lies in a public repository, and it is charged to nobody. A private repository and one that
 * does not exist look the same.
 */
export function decidePublic(repository: Repository | undefined): Permission | Refusal {
  return repository?.public === true ? FREE : refuse('credential_missing')
}

/** Packages cost a download; a file that can't be told from one costs the same. */
export function chargeFor({ kind }: Artifact): Permission {
  return kind === 'package' || kind === 'unknown' ? ONE_DOWNLOAD : FREE
}
