import { factsOf, NEVER_USED, shareUsed, stateOf } from '../policy/search/facts.ts'
import { TOKEN_STATES, type TokenState } from '../policy/search/filter.ts'
import type { StoredToken, Usage } from '../store/contract.ts'

/** How many tokens a repository has, or an owner (`acme/*`). */
export interface TokenCounts {
  readonly repository: string
  readonly states: Readonly<Record<TokenState, number>>
  /** Active ones whose window ends within seven days. */
  readonly expiring: number
  /** Active ones that have used four fifths of their downloads or bandwidth, or more. */
  readonly nearlyUsedUp: number
}

/** Counts tokens as they come along. */
export interface Census {
  /** `usage`: undefined for a token that is switched off, where it does not matter. */
  readonly add: (token: StoredToken, usage: Usage | undefined, now: number) => void
  readonly counts: () => readonly TokenCounts[]
}

const SOON_MS = 7 * 86_400_000
const NEARLY = 0.8

type Counting = { -readonly [Key in keyof TokenCounts]: TokenCounts[Key] } & {
  readonly states: Record<TokenState, number>
}

/** Begins a count; each of `repositories` is in it, also those without a token. */
export function createCensus(repositories: Iterable<string>): Census {
  const all = new Map<string, Counting>()
  const countingOf = (repository: string): Counting => {
    const known = all.get(repository)
    if (known !== undefined) return known
    const states = Object.fromEntries(TOKEN_STATES.map((state) => [state, 0])) as Record<TokenState, number>
    const begun = { repository, states, expiring: 0, nearlyUsedUp: 0 }
    all.set(repository, begun)
    return begun
  }
  for (const repository of repositories) countingOf(repository)
  return {
    add: (token, usage = { ...NEVER_USED, epoch: 0 }, now) => {
      // Of a token that belongs to its owner `repo` is `*`.
      const counting = countingOf(`${token.owner}/${token.repo}`)
      const facts = factsOf(token)
      const state = stateOf(facts, usage, now)
      counting.states[state]++
      if (state !== 'active') return
      const { until } = facts.window
      if (until !== null && until - now <= SOON_MS) counting.expiring++
      if ((shareUsed(facts, usage) ?? 0) >= NEARLY) counting.nearlyUsedUp++
    },
    counts: () => [...all.values()],
  }
}
