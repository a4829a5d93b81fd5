import type { Store, StoredToken, TokenQuery } from '../../../src/store/contract.ts'
import { newToken } from '../conformance/fixtures.ts'

/** Tokens of which every other has the plan `trial` in its metadata, the rest `team`. */
export function tokensWithPlans(count: number): readonly StoredToken[] {
  return Array.from({ length: count }, (_, at) =>
    newToken({ repo: 'deb', name: `Customer ${at}`, metadata: { plan: at % 2 === 0 ? 'trial' : 'team' } }),
  )
}

/** How many of them a search for the name and each plan finds. */
export async function countPlans(
  store: Store,
  query: TokenQuery,
): Promise<{ readonly trial: number; readonly team: number }> {
  const count = async (value: string): Promise<number> => {
    const name = { kind: 'word', pattern: 'customer' } as const
    const plan = { kind: 'metadata', path: 'plan', value } as const
    return (await store.tokens.list({ ...query, filter: { kind: 'and', parts: [name, plan] } })).total
  }
  return { trial: await count('trial'), team: await count('team') }
}
