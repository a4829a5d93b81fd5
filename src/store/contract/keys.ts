import type { ChangeNote } from './audit.ts'
import type { Expectation } from './expectation.ts'

/** A key of the management API. Times are epoch ms. */
export interface ApiKey {
  /** Permanent id, a ULID. Never changes, never secret. */
  readonly id: string
  readonly name: string
  /** HMAC of the key. */
  readonly digest: string
  /** One of policy/roles.ts; any other may do nothing. */
  readonly role: string
  /** Globs over `owner/repo` that it is limited to. Empty: nothing. */
  readonly repositories: readonly string[]
  /** First instant at which it no longer works; null: it has no end. */
  readonly expiresAt: number | null
  readonly createdAt: number
  /** Name of the key that made it; null: Postern itself did. */
  readonly createdBy: string | null
  readonly updatedAt: number | null
  readonly updatedBy: string | null
  /** Last noted use, and the address from which it came. */
  readonly lastUsedAt: number | null
  readonly lastUsedFrom: string | null
  /** null: it is not revoked. */
  readonly revokedAt: number | null
  readonly revokedBy: string | null
}

/** A change to a key that is not revoked. Absent fields stay as they are. */
export interface KeyChange extends Partial<Pick<ApiKey, 'name' | 'digest' | 'repositories' | 'expiresAt'>> {
  readonly updatedAt: number
  readonly updatedBy: string
}

/** Which keys to list, by `id`: in the order in which they were made. */
export interface KeyQuery {
  /** Counts from 1. */
  readonly page: number
  readonly pageSize: number
  /** Only keys that work at this instant: not revoked, not expired. null: all. */
  readonly workingAt: number | null
}

/** A use of a key. */
export interface KeyUse {
  /** Of the key that was used. */
  readonly digest: string
  readonly at: number
  readonly address: string
}

/**
 * Fields that a key was stored without, by an older version, come back as stored-key.ts has them. Such a version finds none of the keys that
 * this one stores or changes: it would take each for one that may do everything. A change that comes with a note leaves a line in the audit
 * log, written in the same step; what changed nothing leaves none.
 */
export interface KeyStore {
  /** The key, unless it is revoked. Whether it has expired is for the caller to judge. What any process wrote before is seen at once. */
  find(digest: string): Promise<ApiKey | undefined>
  /** Adds the key unless its digest is known already. */
  create(key: ApiKey, note?: ChangeNote): Promise<void>
  /** The key, also a revoked one. */
  read(id: string): Promise<ApiKey | undefined>
  list(query: KeyQuery): Promise<{ readonly total: number; readonly keys: readonly ApiKey[] }>
  /**
   * Returns the key after the change, or undefined when there is none that is not revoked. With another `digest` it is found by no other.
   * @throws StoreError `conflict` when another key has the digest, `unexpected` when the key, also a revoked one, is not as expected; then
   * nothing was changed.
   */
  update(
    id: string,
    change: KeyChange,
    note?: ChangeNote,
    isExpected?: Expectation<ApiKey>,
  ): Promise<ApiKey | undefined>
  /**
   * From now on it is not found. The record stays. False when there is none that is not revoked. @throws StoreError `unexpected` as
   * `update`.
   */
  revoke(
    id: string,
    at: number,
    by: string,
    note?: ChangeNote,
    isExpected?: Expectation<ApiKey>,
  ): Promise<boolean>
  /**
   * Sets `lastUsedAt` and `lastUsedFrom` if the use is later than what is noted. Uses of other digests, and of revoked keys, are passed
   * over. Nothing else changes.
   */
  noteUse(uses: readonly KeyUse[]): Promise<void>
  /** How many there are, revoked ones included. */
  count(): Promise<number>
}
