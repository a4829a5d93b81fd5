import type { VNode } from 'preact'
import { NEARLY, tightestGauge } from '../../words/limits.ts'
import type { TokenPlace } from '../../words/places.ts'
import { tokenQuery } from '../../words/token-query.ts'
import { TokenSection } from './token-section.tsx'

/** Tokens that end next. */
export function EndingSoon({ place }: { readonly place: TokenPlace }): VNode {
  return (
    <TokenSection
      place={place}
      title="Ending within 30 days"
      none="No token ends within 30 days."
      search={tokenQuery('', 'ends_soon')}
      sort="expires"
    />
  )
}

/** Tokens that have used most of what they may. Looked for among those that were downloaded with most: no search compares use and limit. */
export function UsedUpSoon({ place }: { readonly place: TokenPlace }): VNode {
  return (
    <TokenSection
      place={place}
      title="Used up soon"
      none="None of the tokens with the most downloads has used 80 % of a limit and still works."
      search="state:active"
      sort="-downloads"
      isWanted={(token) => (tightestGauge(token)?.share ?? 0) >= NEARLY}
    />
  )
}
