import { TOKEN_DEFAULTS } from '../policy/token-defaults.ts'
import type { StoredToken } from './contract.ts'

/** What a new token has unless something is said; what a store fills in where an older version wrote fewer fields. */
export const STORED_TOKEN_DEFAULTS: typeof TOKEN_DEFAULTS &
  Pick<StoredToken, 'previousDigest' | 'secretUsedAt' | 'previousSecretUsedAt'> = {
  ...TOKEN_DEFAULTS,
  previousDigest: null,
  secretUsedAt: null,
  previousSecretUsedAt: null,
}

/** Digests by which a token is found, each once. */
export function digestsOf({ digest, previousDigest }: StoredToken): string[] {
  return previousDigest === null || previousDigest === digest ? [digest] : [digest, previousDigest]
}
