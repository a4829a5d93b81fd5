import type { AuditEvent } from '../../policy/audit-event.ts'
import type { TokenFilter, TokenOrder } from '../../policy/search/filter.ts'
import type { TokenFields, TokenRecord } from '../../policy/types.ts'
import type { ChangeNote } from './audit.ts'
import type { Expectation } from './expectation.ts'

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
    isExpected?: Expectation<StoredToken>,
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
    isExpected?: Expectation<StoredToken>,
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
