import type { VNode } from 'preact'
import type { Api } from '../../api/client.ts'
import { readPage } from '../../api/list.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { withQuery } from '../../router/location.ts'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { count } from '../../words/figures.ts'
import { listPath, placeName, placeTitle, type TokenPlace } from '../../words/places.ts'
import { STATE_FILTERS, tokenQuery } from '../../words/token-query.ts'

interface Counted {
  readonly state: string
  readonly title: string
  /** `3`, or `≤ 1,000` where that is not exact. */
  readonly words: string
}

/** How many tokens are in which state; each leads to them. */
export function StateCounts({ place }: { readonly place: TokenPlace }): VNode {
  const { api } = useSession()
  const loaded = useLoad(placeName(place), (signal) => countStates(api, place, signal))
  return (
    <Section title={`Tokens: ${placeTitle(place)}`}>
      <LoadedPart of={loaded} what="figures">
        {(counts) => (
          <ul class="tiles">
            {counts.map(({ state, title, words }) => (
              <li key={state}>
                <Link to={withQuery('/tokens', { in: placeName(place), state })} class="tile">
                  <span class="tile-figure">{words}</span>
                  <span>{title}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </LoadedPart>
    </Section>
  )
}

function countStates(api: Api, place: TokenPlace, signal: AbortSignal): Promise<readonly Counted[]> {
  const kinds = [['', 'All'] as const, ...STATE_FILTERS]
  return Promise.all(
    kinds.map(async ([state, title]) => {
      const query = { query: tokenQuery('', state), page_size: 1 }
      const { total, isExact } = await readPage(api, { path: listPath(place), query, signal })
      return { state, title, words: isExact ? count(total) : `≤ ${count(total)}` }
    }),
  )
}
