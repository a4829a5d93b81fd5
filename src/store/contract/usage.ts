import type { ObjectNote } from './audit.ts'
import type { Expectation } from './expectation.ts'
import type { StoredToken } from './tokens.ts'

/**
 * A delivery that asks to be charged. Bytes are offsets in the whole file. Absent and null limits do not limit; zero and less, fractions
 * and NaN allow no more than the whole number below them, if any. No counter goes beyond 2^53 - 1: a limited one refuses there, as if that
 * were its limit, and an unlimited one stays there. Time is `now`, whatever the clock of the store says.
 */
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
   * `download` (default): a package's body. `free`: an index, or an answer without a body (`start` = `end` and a `size`); it costs neither
   * download nor client and opens no ledger, only bytes and rate. It is settled like any other, and as idempotently.
   */
  readonly kind?: 'download' | 'free'
  readonly limitDownloads: number | null
  readonly limitClients: number | null
  /**
   * A client unseen for so long (`now` - last seen >= window) no longer counts as one. Seen: a download of it, other than a free probe, was
   * granted, whether charged or covered; then a covered one, too, needs a place when its client was forgotten. When a place is needed, all
   * that no longer count are forgotten at once; until then they stay in `clients`, and who comes back while the limit has room for all
   * of them goes on as a known one. Downloads of the forgotten stay counted, and what is given back of them later forgets nobody else.
   */
  readonly clientsWindowMs?: number | null
  /**
   * Body bytes of the counting period. `end - start` is charged at once; settling gives back what was not sent. Of a file of unknown
   * size all that is left, at least one byte, is reserved, and the sender has to stop there. What a process reserved and did not settle
   * before it died stays charged: it may have been sent. A delivery without bytes is not refused.
   */
  readonly limitBytes?: number | null
  /**
   * Downloads under way at once, covered ones and probes included, of those that were granted under such a limit. Each holds its place
   * until it is settled, also across resets. Those of dead processes do not count.
   */
  readonly limitConcurrency?: number | null
  /**
   * Requests a second, averaged; after a pause, as many at once as a second's worth, at least one. May be a fraction. The arithmetic is
   * policy/rate.ts. Only granted requests count; resets do not touch it.
   */
  readonly limitRate?: number | null
  /**
   * First instant of the counting period that `now` lies in, by the token's schedule; null: no schedule. If it is later than the start of
   * the current epoch (`resetAt`; any is later than null), the counters count as zero: the first granted request, or traffic recorded,
   * begins the next epoch, whose `resetAt` is this instant. An earlier one belongs to the current epoch.
   */
  readonly periodStart?: number | null
  /**
   * The body is here, all of it, and goes out in one piece as soon as it is charged, or not at all. The store may then settle it at once as
   * sent in full, and says so by `isSettled`. Only for what has a body, and a known `size`.
   */
  readonly isReady?: boolean
  /** Only tells what would be answered, with the counters as they would be, and changes nothing. Not to be settled. */
  readonly dryRun?: boolean
}

/** A granted delivery, to be given back to `settle`. (One without a body need not be: nothing about it can change.) */
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
  /**
   * Bytes charged for this delivery, where bytes are limited or it `isSettled`; else 0. They are in `bytes`. Where bytes are limited, no more
   * than these may be sent.
   */
  readonly reservedBytes: number
  /** It was settled at once, with all its bytes. To be given back to `settle` only if not one of them was sent. */
  readonly isSettled?: true
  /** The token's counters after the charge. */
  readonly downloads: number
  readonly clients: number
  readonly bytes: number
}

/** What is known of a reservation of which no answer came: enough to settle it. */
export interface Unanswered extends Pick<Reservation, 'id' | 'token' | 'client' | 'artifact'> {
  /** Words of the store, by which it finds what it may have settled at once. */
  readonly trace?: string | undefined
}

/** What settling needs of a reservation. */
export type Settleable = Pick<
  Reservation,
  'id' | 'token' | 'client' | 'artifact' | 'epoch' | 'reservedBytes'
> &
  Partial<Pick<Reservation, 'charged' | 'isSettled'>> &
  Pick<Unanswered, 'trace'>

/** A delivery that would exceed a limit. Nothing was changed. Judged in this order: rate, concurrency, downloads, clients, bytes. */
export interface Exhausted {
  readonly granted: false
  readonly limit: 'rate' | 'concurrency' | 'downloads' | 'clients' | 'bytes'
  /** What is used of it. `clients`: without those that no longer count; `concurrency`: what is under way; `rate`: its burst. */
  readonly used: number
  /** For `rate` only: when the next request fits, at least 1. */
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
  /** As in `DeliveryRequest`, at `lastUsedAt`: traffic of two periods comes in two deltas. */
  readonly periodStart?: number | null
}

/** Names traffic that may be recorded more than once, by whomever, and must count once. */
export interface Batch {
  /** Always of the same traffic, in the same order; up to 100 characters, without spaces, braces and colons. */
  readonly id: string
  /** When it was made, epoch ms. */
  readonly at: number
}

/** So long after it was made a batch is remembered; an older one is refused, for nobody knows whether it was counted. */
export const BATCH_MS: number = 30 * 86_400_000

/** What a token has used in its current counting period. */
export interface Usage {
  readonly epoch: number
  readonly downloads: number
  readonly clients: number
  readonly bytes: number
  /** Latest instant of a granted request, a settlement that changed something, or recorded traffic. */
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
  /**
   * Corrects a reservation to the body bytes that were sent. Idempotent per reservation. Of an earlier epoch it changes no counter and only
   * gives up the place under `limitConcurrency`. What `isSettled` already is taken back whole, with 0 bytes, or left as it is. Resolves to the
   * downloads that were given back, by this call.
   */
  settle(reservation: Settleable, sentBytes: number, now: number): Promise<number>
  /**
   * Adds traffic of several tokens to their counters. What was last used before its token's `resetAt` changes nothing. Of several calls with
   * the same `batch` only one counts, by whatever process and however long in between; one that rejects may have been counted in part, and
   * is to be repeated as it was. @throws StoreError `expired` for a batch older than BATCH_MS, of which nothing was counted by this call.
   */
  record(deltas: readonly UsageDelta[], batch?: Batch): Promise<void>
  /**
   * Usage of each token, in their order; zeroes for one never used. For one not used since its period began: what the first charge will find,
   * the next `epoch` with zeroes and this `resetAt`, without writing it.
   */
  read(queries: readonly UsageQuery[]): Promise<readonly Usage[]>
  /**
   * Starts the next epoch with all counters at zero. A note leaves a line in the audit log, as with `TokenStore`; with one, and only with
   * one, the token can be judged first. @throws StoreError `unexpected` when it is not as expected, or gone; then nothing was changed.
   */
  reset(token: string, now: number, note?: ObjectNote, isExpected?: Expectation<StoredToken>): Promise<void>
  /** The clients that count, last seen first; `total` is how many they are. */
  listClients(
    query: ClientsQuery,
  ): Promise<{ readonly total: number; readonly clients: readonly SeenClient[] }>
  /** Counts a client no longer, so that its place is free. Its downloads stay counted. False when it does not count. */
  releaseClient(query: ReleaseQuery): Promise<boolean>
}

/** Which client to count no longer. */
export interface ReleaseQuery extends UsageQuery {
  readonly client: string
  /** Only tells what would be answered. */
  readonly dryRun?: boolean
}

/** Whose clients to list. `page` counts from 1. */
export interface ClientsQuery extends UsageQuery {
  readonly page: number
  readonly pageSize: number
}

/** A client that counts, in the current counting period. */
export interface SeenClient {
  readonly client: string
  readonly downloads: number
  /** null: nobody noted it, an older version. */
  readonly firstAt: number | null
  readonly lastAt: number
}
