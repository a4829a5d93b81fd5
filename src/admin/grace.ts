import type { StoredToken, TokenChange, Usage } from '../store/contract.ts'
import { seconds } from './field-schemas.ts'

/** How long the secret that a refresh replaces goes on working. */
export const GRACE_FIELD = 'previous_secret_valid_for'

/** Reads it as the first instant at which the replaced secret no longer works; or says what is wrong. `until` is the same as an instant. */
export function readGrace(
  value: unknown,
  until: unknown,
  now: number,
): { readonly until?: number } | { readonly message: string } {
  if (value === undefined || value === null) return {}
  if (until !== undefined && until !== null) {
    return { message: 'Send this or previous_secret_valid_until, not both.' }
  }
  const read = seconds.safeParse(value)
  if (!read.success) return { message: read.error.issues[0]?.message ?? '' }
  return read.data === null ? {} : { until: now + read.data }
}

type SecretChange = Pick<
  TokenChange,
  'previousDigest' | 'previousValidUntil' | 'secretUsedAt' | 'previousSecretUsedAt'
>

/** What becomes of the current secret when it is replaced: it works until `until`, or null: no longer. */
export function replaceSecret(
  token: StoredToken,
  usage: Usage | undefined,
  until: number | null,
  now: number,
): SecretChange {
  return {
    previousDigest: until === null ? null : token.digest,
    previousValidUntil: until ?? now,
    secretUsedAt: null,
    previousSecretUsedAt: until === null ? null : lastUseOfSecret(token, usage),
  }
}

/** Changes the end of the previous secret, if there is one. null: now. */
export function endPrevious(token: StoredToken, until: number | null, now: number): SecretChange {
  if (token.previousDigest === null) return {}
  return until === null ? { previousDigest: null, previousValidUntil: now } : { previousValidUntil: until }
}

/**
 * When the current secret was last used. While two secrets work, uses of each are noted; from then on, every use is one of the current
 * secret.
 */
export function lastUseOfSecret(
  { secretUsedAt, previousValidUntil }: StoredToken,
  usage: Usage | undefined,
): number | null {
  const lastUsedAt = usage?.lastUsedAt ?? null
  const isOwn = lastUsedAt !== null && lastUsedAt >= (previousValidUntil ?? lastUsedAt)
  return isOwn ? Math.max(lastUsedAt, secretUsedAt ?? lastUsedAt) : secretUsedAt
}
