import type { AuditEvent } from '../policy/audit-event.ts'
import type { TokenFilter, TokenOrder } from '../policy/search/filter.ts'
import type { TokenFields, TokenRecord } from '../policy/types.ts'
import type { AuditStore, ChangeNote, ObjectNote } from './contract/audit.ts'
import type { EventStore, WebhookStore } from './contract/events.ts'
import type { HistoryStore } from './contract/history.ts'
import type { KeyStore } from './contract/keys.ts'

export type { ApiKey, KeyChange, KeyQuery, KeyStore, KeyUse } from './contract/keys.ts'

/**
 * What every store guarantees. Two implementations keep it and one conformance suite (test/store/conformance.ts)
 * judges both. Every call settles within the store's deadline; on failure it rejects with a `StoreError`.
 */
export interface Store {
  readonly tokens: TokenStore
  readonly usage: UsageStore
  readonly keys: KeyStore
  readonly history: HistoryStore
  readonly audit: AuditStore
  readonly events: EventStore
  readonly webhooks: WebhookStore
  /** Resolves when the storage has taken a write, of nothing that matters. */
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
  /** `digest` of the secret before, which works until `previousValidUntil`; null: none does. */
  readonly previousDigest: string | null
  /** Last noted uses of the two secrets, see `noteUse`. */
  readonly secretUsedAt: number | null
  readonly previousSecretUsedAt: number | null
}

/** A use of one of a token's secrets. */
export interface SecretUse {
  readonly owner: string
  readonly repo: string
  readonly slugPerm: string
  /** Of the secret that was used. */
  readonly digest: string
  readonly at: number
}

/** A change to a stored token. Absent fields stay as they are. */
export interface TokenChange extends Partial<TokenFields> {
  readonly digest?: string
  readonly sealedSecret?: string
  readonly previousDigest?: string | null
  readonly previousValidUntil?: number | null
  readonly secretUsedAt?: number | null
  readonly previousSecretUsedAt?: number | null
  /** All of them: what is left out is withdrawn. */
  readonly eulaAccepted?: StoredToken['eulaAccepted']
  /** A first download is noted by `noteFirstDownload` only; here it is forgotten. */
  readonly firstDownloadAt?: null
  readonly updatedAt: number
  readonly updatedBy: string
}

/** Which tokens to list. `page` counts from 1. */
export interface TokenQuery {
  readonly owner: string
  /** Repositories of the owner, each once; WHOLE_OWNER stands for the tokens that belong to the owner. */
  readonly repos: readonly string[]
  readonly page: number
  readonly pageSize: number
  /** null: all of them. */
  readonly filter: TokenFilter | null
  /**
   * Names in the order of their code points; tokens without an end behind all others, those never used before; ties by slug_perm. What is
   * known of the use of tokens is up to some seconds old, see `noteUsed`.
   */
  readonly order: TokenOrder
  /** All of that backwards. */
  readonly descending: boolean
  /** Epoch ms: decides about states. */
  readonly now: number
}

/** A page of tokens. */
export interface TokenList {
  /** How many there are on all pages. */
  readonly total: number
  /** False: `total` is the most that there can be, and finding out would take too long. */
  readonly isExact: boolean
  readonly tokens: readonly StoredToken[]
}

/** Where a walk over the tokens of a repository stands: at this name and slug_perm. */
export type TokenPlace = Pick<StoredToken, 'name' | 'slugPerm'>

/** A repository by its name. */
export interface RepositoryName {
  readonly owner: string
  readonly repo: string
}

/** Tokens of a repository that are to take the place of those of another. */
export interface TokenSync {
  readonly source: RepositoryName
  readonly target: RepositoryName
  /**
   * What the target shall have instead of what it has: tokens of the target, with new slug_perms. undefined: nothing is changed. Pure but for
   * the ids that it makes, and may be asked again: somebody else may change something in between. It sees no more than `most` + 1 tokens of
   * each repository, and has to change nothing where there are more than `most`.
   */
  readonly plan: (
    source: readonly StoredToken[],
    target: readonly StoredToken[],
  ) => readonly StoredToken[] | undefined
  readonly most: number
  /** When. */
  readonly at: number
  /** Makes the notes about each token that goes or comes, and about the whole. */
  readonly noteOf: (event: AuditEvent) => ChangeNote
}

/** A token as it is and as it shall be. `before` undefined: it is new; `after` undefined: it goes. */
export interface PlannedChange {
  readonly before: StoredToken | undefined
  readonly after: StoredToken | undefined
  readonly note: ChangeNote
}

/** Changes to tokens of a repository that are made together. */
export interface TokenBatch extends RepositoryName {
  /** What the plan has to know of: the tokens with these ids, these names, and these secrets as current or previous ones. */
  readonly about: {
    readonly slugPerms: readonly string[]
    readonly names: readonly string[]
    readonly digests: readonly string[]
  }
  /**
   * Given those of the tokens that there are, each once, says what becomes of them; each token at most once. Those with the secrets may also
   * be elsewhere of the owner, where they are in the way of the same secret here (see `create`); they are to be left alone. A secret that a token gets must
   * be among `digests`. Pure but for the ids that it makes, and may be asked again: somebody else may change something in between.
   */
  readonly plan: (found: readonly StoredToken[]) => readonly PlannedChange[]
  /** When. */
  readonly at: number
}

/**
 * Judges a token as it is when a change is about to be written, in the same step: false refuses the change. Pure, and may be asked again.
 */
export type Expectation = (token: StoredToken) => boolean

/**
 * Fields that a token was stored without, by an older version, come back as stored-token.ts has them. A change that comes with a note leaves
 * a line in the audit log and an event for webhooks, written in the same step as the change; what changed nothing leaves none.
 */
export interface TokenStore {
  /**
   * All tokens, deleted ones excepted, with this `digest` or `previousDigest`; oldest first. A secret may stand in several repositories.
   * Whether a previous secret still works is for the caller to judge.
   */
  find(digest: string): Promise<readonly StoredToken[]>
  /**
   * @throws StoreError `conflict` when another token of the repository, not a deleted one, has the `digest` or the `previousDigest` of this
   * one as either of its own. (A token may have the same digest twice.) A token that belongs to its owner shares neither with any other token
   * of the owner.
   */
  create(token: StoredToken, note?: ChangeNote): Promise<void>
  read(owner: string, repo: string, slugPerm: string): Promise<StoredToken | undefined>
  /**
   * The next tokens of a repository, by name and slug_perm, at most `limit` of them, from the first one behind `after`; null: from the
   * beginning. None: there are no more. For going through all of them: what a step costs does not depend on how many there are, or were
   * before it. A token that stays and keeps its name is met once.
   */
  walk(owner: string, repo: string, after: TokenPlace | null, limit: number): Promise<readonly StoredToken[]>
  /**
   * @throws StoreError `too_broad` for what would go through too many tokens, `not_ready` while what searches need is still made of tokens
   * that an older version stored. Tokens of one repository by name, all or by `active`, are always listed.
   */
  list(query: TokenQuery): Promise<TokenList>
  /** Remembers that these tokens (slug_perm) were used, so that searches are to be told. Their use must be written by then. */
  noteUsed(tokens: readonly string[]): Promise<void>
  /**
   * Brings what searches know of the use of tokens up to date, for at most so many of those that are due. Resolves to how many they were.
   * One whose counting period will end is due again then.
   */
  refreshUsage(now: number, most: number): Promise<number>
  /**
   * Returns the token after the change, or undefined when there is none. @throws StoreError `conflict` as `create`, `unexpected` when the
   * token is not as expected; then nothing was changed.
   */
  update(
    owner: string,
    repo: string,
    slugPerm: string,
    change: TokenChange,
    note?: ChangeNote,
    isExpected?: Expectation,
  ): Promise<StoredToken | undefined>
  /**
   * Soft: the row and its usage stay for the records, but no other call returns it. False when there was none.
   * @throws StoreError `unexpected` as `update`.
   */
  delete(
    owner: string,
    repo: string,
    slugPerm: string,
    at: number,
    note?: ChangeNote,
    isExpected?: Expectation,
  ): Promise<boolean>
  /**
   * Replaces all tokens of a repository, in one step: everybody sees those before or those after, whatever dies in between. Resolves to the
   * new ones; undefined: the plan was to change nothing. Watchers are told of all digests. @throws StoreError `conflict` when the planned ones
   * have a secret twice.
   */
  sync(sync: TokenSync): Promise<readonly StoredToken[] | undefined>
  /**
   * Makes all changes of a plan or none, in one step: when they are written, the tokens that are changed, and who has the names and secrets
   * that the plan asked about, are as it was told. @throws StoreError `conflict` when a token would get a secret that another one of the
   * repository has, or had until now.
   */
  batch(batch: TokenBatch): Promise<void>
  /**
   * Sets `firstDownloadAt` to `at` unless it is set: of many calls, by any processes, the first wins. Nothing else changes, nor does a
   * token that does not exist. Watchers are told if it was set.
   */
  noteFirstDownload(owner: string, repo: string, slugPerm: string, at: number): Promise<void>
  /**
   * Sets `secretUsedAt` or, where the use is of `previousDigest`, `previousSecretUsedAt`, if the use is later than what is noted. Uses of
   * other secrets and tokens are passed over. Nothing else changes; watchers are not told.
   */
  noteUse(uses: readonly SecretUse[]): Promise<void>
  /**
   * Calls `listener` with the digest of each token that was created, changed or deleted, and with its previous digest if it has one, as they
   * were before and as they are after; by this process at once and by any other within 100 ms. `undefined` means "something may have been
   * missed: forget everything". A listener must not throw. Returns the unsubscriber.
   */
  watch(listener: (digest: string | undefined) => void): () => void
}

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
  reset(token: string, now: number, note?: ObjectNote, isExpected?: Expectation): Promise<void>
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

/**
 * Why a store call failed. `conflict`: a uniqueness rule; `unexpected`: what was to be changed is not as the caller expects; `unavailable`:
 * the storage did not answer in time or at all; `expired`: a batch of traffic is too old to know whether it was counted; `too_broad`: a
 * search would go through too much; `not_ready`: what searches need is still being made. The messages of the last two are for whoever
 * searches.
 */
export type StoreErrorCode = 'conflict' | 'unexpected' | 'unavailable' | 'expired' | 'too_broad' | 'not_ready'

/** What is known of a reservation of which no answer came: enough to settle it. */
export interface Unanswered extends Pick<Reservation, 'id' | 'token' | 'client' | 'artifact'> {
  /** Words of the store, by which it finds what it may have settled at once. */
  readonly trace?: string | undefined
}

interface StoreErrorOptions extends ErrorOptions {
  /** The reservation may have been made all the same. The store gives it back by itself, unless its process dies before it can. */
  readonly unanswered?: Unanswered | undefined
}

/** The only error that a store rejects with. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  readonly unanswered: Unanswered | undefined
  constructor(code: StoreErrorCode, message: string, options: StoreErrorOptions = {}) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
    this.unanswered = options.unanswered
  }
}

/** True when the storage did not answer: it may do so later. */
export function isUnavailable(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === 'unavailable'
}
