import { expect } from 'vitest'
import type { Gate, GateToken } from '../support/gate.ts'
import type { Finished } from '../support/processes.ts'

/** A reason to be refused that does not depend on the package asked for, and what the client's user reads about it. */
export interface RefusedCase {
  readonly title: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly reason: RegExp
}

const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString()
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString()

/** Tokens that open nothing, not even an index. */
export const CLOSED_TOKENS: readonly RefusedCase[] = [
  { title: 'an expired token', fields: { limit_date_range_to: YESTERDAY }, reason: /expired/i },
  { title: 'a token of tomorrow', fields: { limit_date_range_from: TOMORROW }, reason: /not yet valid/i },
  { title: 'a disabled token', fields: { is_active: false }, reason: /disabled/i },
  {
    title: 'a token for another repository',
    fields: { repositories: ['acme/other'] },
    reason: /not cover|not include/i,
  },
]

export const OUT_OF_SCOPE: RegExp = /not cover|not include/i
export const USED_UP: RegExp = /used up/i

/** A limit far away: counters of limited tokens are exact at once, without one they may lag by a second. */
export const FAR_LIMIT = { limit_num_downloads: 1_000 } as const

/** Downloads charged to the token so far. Only exact at once for a token with a limit. */
export async function downloadsOf(gate: Gate, repository: string, token: GateToken): Promise<number> {
  return (await gate.readToken(repository, token.slug_perm)).downloads
}

/** The client ended well; if not, the failure shows what it printed. */
export function expectSuccess({ code, output }: Pick<Finished, 'code' | 'output'>): void {
  expect(code === 0 ? '' : output).toBe('')
}
