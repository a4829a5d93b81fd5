import type { TokenFields, TokenRecord } from '../policy/types.ts'

/**
 * What every store guarantees. Two implementations keep it and one conformance suite (test/store/conformance.ts)
 * judges both. Every call settles within the store's deadline; on failure it rejects with a `StoreError`.
 */
export interface Store {
  readonly tokens: TokenStore
  readonly usage: UsageStore
  readonly keys: KeyStore
  /** Resolves when a round trip to the storage succeeds. */
  ping(): Promise<void>
  /** Writes out what is queued, then lets go of the storage. Safe to call twice. */
  close(): Promise<void>
}

/** A token with what is needed to find and show its secret. */
export interface StoredToken extends TokenRecord {
  /** HMAC of the secret, see secret-keeper.ts. */
  readonly digest: string
  /** The secret, sealed with the server key. */
  readonly sealedSecret: string
}

/** A change to a stored token. Absent fields stay as they are. */
export interface TokenChange extends Partial<TokenFields> {
  readonly digest?: string
  readonly sealedSecret?: string
  readonly updatedAt: number
  readonly updatedBy: string
}

/** Which tokens to list. `page` counts from 1. */
export interface TokenQuery {
  readonly owner: string
  readonly repo: string
  readonly page: number
  readonly pageSize: number
  /** Only tokens whose `isActive` is set. */
  readonly activeOnly: boolean
  /** Case-insensitive part of the name, or the whole slug_perm. */
  readonly search: string | null
  /** By name in the order of its code points, ascending or descending; ties by slug_perm in the same direction. */
  readonly descending: boolean
}

export interface TokenStore {
  /** All tokens, deleted ones excepted, with this digest; oldest first. A secret may stand in several repositories. */
  find(digest: string): Promise<readonly StoredToken[]>
  /** @throws StoreError `conflict` when the repository already has a token with this digest. */
  create(token: StoredToken): Promise<void>
  read(owner: string, repo: string, slugPerm: string): Promise<StoredToken | undefined>
  list(query: TokenQuery): Promise<{ readonly total: number; readonly tokens: readonly StoredToken[] }>
  /** Returns the token after the change, or undefined when there is none. @throws StoreError `conflict` as `create`. */
  update(owner: string, repo: string, slugPerm: string, change: TokenChange): Promise<StoredToken | undefined>
  /** Soft: the row and its usage stay for the records, but no other call returns it. False when there was none. */
  delete(owner: string, repo: string, slugPerm: string, at: number): Promise<boolean>
  /**
   * Calls `listener` with the digest of each token that was created, changed or deleted, by this process at once and by
   * any other within 250 ms. `undefined` means "something may have been missed: forget everything". A listener must not throw.
   * Returns the unsubscriber.
   */
  watch(listener: (digest: string | undefined) => void): () => void
}

/** A delivery that asks to be charged. Bytes are offsets in the whole file. Absent and null limits do not limit. */
export interface DeliveryRequest {
  /** slug_perm of the token. */
  readonly token: string
  /** Folded client address. */
  readonly client: string
  /** `owner/repo/path`: one artifact, one spelling. */
  readonly artifact: string
  /** Bytes of the whole file; null when the upstream does not tell. */
  readonly size: number | null
  /** First byte that would be sent. */
  readonly start: number
  /** One past the last byte that would be sent. When `size` is null, anything; then see `limitBytes`. */
  readonly end: number
  readonly now: number
  /**
   * `download` (default): a package's body. `free`: an index, or an answer without a body (`start` = `end`); it costs neither
   * download nor client and opens no ledger, only bytes and rate.
   */
  readonly kind?: 'download' | 'free'
  readonly limitDownloads: number | null
  readonly limitClients: number | null
  /** A client unseen for so long no longer counts as one; it is forgotten when its place is needed. */
  readonly clientsWindowMs?: number | null
  /**
   * Body bytes of the counting period. `end - start` is charged at once; settling gives back what was not sent. Of a file of unknown
   * size all that is left is reserved, and the sender has to stop there.
   */
  readonly limitBytes?: number | null
  /** Downloads under way at once. Those of dead processes do not count. */
  readonly limitConcurrency?: number | null
  /** Requests a second, averaged; after a pause, as many at once as a second's worth, at least one. May be a fraction. */
  readonly limitRate?: number | null
  /**
   * First instant of the counting period that `now` lies in, by the token's schedule; null: no schedule. Counters of an earlier period
   * count as zero: the first charge of a period begins a new epoch.
   */
  readonly periodStart?: number | null
  /** Only tells what would be answered, and changes nothing. The reservation is not to be settled. */
  readonly dryRun?: boolean
}

/** A granted delivery, to be given back to `settle`. */
export interface Reservation {
  readonly granted: true
  readonly id: string
  readonly token: string
  readonly client: string
  readonly artifact: string
  /** Counting period of the token; a settlement for an older one changes nothing. */
  readonly epoch: number
  /** Downloads charged for this delivery: 0 when an open download covers it or it is a free probe. */
  readonly charged: number
  /** Bytes charged for this delivery, where bytes are limited; else 0. No more than these may be sent. */
  readonly reservedBytes: number
  /** The token's counters after the charge. */
  readonly downloads: number
  readonly clients: number
  readonly bytes: number
}

/** A delivery that would exceed a limit. Nothing was changed. Judged in this order: rate, concurrency, downloads, clients, bytes. */
export interface Exhausted {
  readonly granted: false
  readonly limit: 'rate' | 'concurrency' | 'downloads' | 'clients' | 'bytes'
  /** What is used of it; for `rate`, requests of the last second. */
  readonly used: number
  /** For `rate`: when the next request fits, at least 1. */
  readonly retryAfterMs?: number
}

/** Traffic that guards no limit, added up in memory before it is written. */
export interface UsageDelta {
  readonly token: string
  /** Below zero: refunds of what an earlier delta counted. */
  readonly downloads: number
  readonly bytes: number
  /** Downloads per client address, refunds below zero. */
  readonly clients: ReadonlyMap<string, number>
  readonly lastUsedAt: number
  /** As in `DeliveryRequest`, at `lastUsedAt`. */
  readonly periodStart?: number | null
}

/** What a token has used in its current counting period. */
export interface Usage {
  readonly epoch: number
  readonly downloads: number
  readonly clients: number
  readonly bytes: number
  readonly lastUsedAt: number | null
  /** Start of the current counting period: the last reset, null before the first. */
  readonly resetAt: number | null
}

/** Whose usage to read; `periodStart` as in `DeliveryRequest`, for the moment of reading. */
export interface UsageQuery {
  readonly token: string
  readonly periodStart: number | null
}

export interface UsageStore {
  /**
   * Charges a delivery or changes nothing: atomic over all processes, durable before it resolves. Which deliveries are one
   * download: policy/ledger.ts.
   */
  reserve(request: DeliveryRequest): Promise<Reservation | Exhausted>
  /** Corrects a reservation to the body bytes that were sent. Idempotent per reservation. */
  settle(reservation: Reservation, sentBytes: number, now: number): Promise<void>
  /** Adds traffic of several tokens to their counters. */
  record(deltas: readonly UsageDelta[]): Promise<void>
  /** Usage of each token, in their order; zeroes for one never used, or not since its period began. */
  read(queries: readonly UsageQuery[]): Promise<readonly Usage[]>
  /** Starts a new counting period with all counters at zero. */
  reset(token: string, now: number): Promise<void>
}

/** A key of the management API. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  /** HMAC of the key. */
  readonly digest: string
  readonly createdAt: number
}

export interface KeyStore {
  find(digest: string): Promise<ApiKey | undefined>
  /** Adds the key unless its digest is known already. */
  create(key: ApiKey): Promise<void>
  count(): Promise<number>
}

/** Why a store call failed. `conflict`: a uniqueness rule; `unavailable`: the storage did not answer in time or at all. */
export type StoreErrorCode = 'conflict' | 'unavailable'

/** The only error that a store rejects with. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
