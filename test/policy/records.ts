import { TOKEN_DEFAULTS } from '../../src/policy/token-defaults.ts'
import { createTokenCompiler, type TokenCompiler } from '../../src/policy/token.ts'
import type { TokenRecord } from '../../src/policy/types.ts'

/** A token of acme/deb without any limit. */
export function newRecord(fields: Partial<TokenRecord> = {}): TokenRecord {
  return {
    ...TOKEN_DEFAULTS,
    slugPerm: '01J00000000000000000000000',
    owner: 'acme',
    repo: 'deb',
    name: 'customer',
    createdAt: 0,
    createdBy: 'ada',
    ...fields,
  }
}

export const compileToken: TokenCompiler = createTokenCompiler()
