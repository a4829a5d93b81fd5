import { TOKEN_DEFAULTS } from '../policy/token-defaults.ts'
import type { TokenRecord } from '../policy/types.ts'
import type { StoredToken } from './contract.ts'

/** What a new token has unless something is said; what a store fills in where an older version wrote fewer fields. */
export const STORED_TOKEN_DEFAULTS: typeof TOKEN_DEFAULTS &
  Pick<StoredToken, 'previousDigest' | 'secretUsedAt' | 'previousSecretUsedAt'> = {
  ...TOKEN_DEFAULTS,
  previousDigest: null,
  secretUsedAt: null,
  previousSecretUsedAt: null,
}

/** What judging needs, because many are kept: neither the sealed secret nor the vendor's own data. */
export function recordToJudge(stored: StoredToken): TokenRecord {
  const { sealedSecret: _, metadata: __, ...record } = stored
  return { ...record, metadata: null }
}
