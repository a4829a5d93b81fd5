import type { VNode } from 'preact'
import { readPage } from '../../api/list.ts'
import type { TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { useSession } from '../../session/context.ts'
import { listPath, placeName, type TokenPlace } from '../../words/places.ts'
import { tokenQuery } from '../../words/token-query.ts'
import { TokenTable } from '../tokens/token-table.tsx'

const SHOWN = 10

/** Tokens that end next. */
export function EndingSoon({ place }: { readonly place: TokenPlace }): VNode {
  const { api } = useSession()
  const loaded = useLoad(placeName(place), (signal) =>
    readPage<TokenJson>(api, {
      path: listPath(place),
      query: { query: tokenQuery('', 'ends_soon'), sort: 'expires', page_size: SHOWN },
      signal,
    }),
  )
  return (
    <Section title="Ending within 30 days">
      <LoadedPart of={loaded} what="tokens">
        {({ items }) =>
          items.length === 0 ? (
            <p class="empty">No token ends within 30 days.</p>
          ) : (
            <TokenTable tokens={items} />
          )
        }
      </LoadedPart>
    </Section>
  )
}
