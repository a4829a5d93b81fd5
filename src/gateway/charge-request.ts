import type { Extent } from '../deliver/contract.ts'
import type { Permission } from '../policy/decide.ts'
import type { Artifact, SharedLimits, Token } from '../policy/types.ts'
import type { DeliveryRequest } from '../store/contract.ts'

/** What an answer is to the accounts: a package's body, another body, or none at all (HEAD, 304, a redirect, "not found"). */
type AnswerKind = 'download' | 'index' | 'bodiless'

/** An answer that is about to be sent. */
export interface Delivering {
  readonly token: Token
  readonly owner: string
  readonly repo: string
  readonly artifact: Artifact
  /** Folded address. */
  readonly client: string
  readonly kind: AnswerKind
  /** Means something where there is a body. */
  readonly extent: Extent
  /** All of the body is here, and will be handed over in one piece. */
  readonly isReady: boolean
  /** Of a repository that goes on without the store. Default: of one that does not. */
  readonly servesCached?: boolean
  /**
   * The body goes out through another server, which tells later how it went: the delivery is on the store's books whatever the limits of the
   * token, so that any process can settle it. Default: the gate sends it.
   */
  readonly isOffloaded?: boolean
}

/** `hasBody`: of a file, or a part of it, that was asked for with GET. */
export function kindOf({ charge }: Permission, hasBody: boolean): AnswerKind {
  if (!hasBody) return 'bodiless'
  return charge === 'download' ? 'download' : 'index'
}

const NO_BYTES: Extent = { start: 0, end: 0, size: 0 }
const UNLIMITED: SharedLimits = {
  limitDownloads: null,
  limitClients: null,
  clientsWindowMs: null,
  limitBytes: null,
  limitConcurrency: null,
  limitRate: null,
}

/** What the store is asked; undefined when no limit of the token has to do with such an answer. */
export function createChargeRequest(
  { token, owner, repo, artifact, client, kind, extent, isReady, isOffloaded }: Delivering,
  now: number,
): DeliveryRequest | undefined {
  const isOnBooks = isOffloaded === true && kind !== 'bodiless'
  const limits = limitsOn(kind, token.limits) ?? (isOnBooks ? UNLIMITED : undefined)
  if (limits === undefined) return undefined
  return {
    token: token.record.slugPerm,
    client,
    artifact: `${owner}/${repo}/${artifact.path}`,
    ...(kind === 'bodiless' ? NO_BYTES : extent),
    now,
    kind: kind === 'download' ? 'download' : 'free',
    isReady: isReady && extent.size !== null && extent.end > extent.start,
    ...limits,
    periodStart: token.periodStart(now),
  }
}

function limitsOn(kind: AnswerKind, limits: SharedLimits): SharedLimits | undefined {
  const { limitDownloads, limitClients, limitBytes, limitConcurrency, limitRate } = limits
  if (kind === 'bodiless') return limitRate === null ? undefined : { ...UNLIMITED, limitRate }
  const isFree = limitBytes === null && limitRate === null
  if (kind === 'index') return isFree ? undefined : { ...UNLIMITED, limitBytes, limitRate }
  const isUnlimited = limitDownloads === null && limitClients === null && limitConcurrency === null
  return isFree && isUnlimited ? undefined : limits
}
