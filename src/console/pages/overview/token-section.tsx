import type { VNode } from 'preact'
import { readPage } from '../../api/list.ts'
import type { TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Link } from '../../router/link.tsx'
import { withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { listPath, placeName, type TokenPlace } from '../../words/places.ts'
import { TokenTable } from '../tokens/token-table.tsx'

interface TokenSectionProps {
  readonly place: TokenPlace
  readonly title: string
  /** What is said when there is none. */
  readonly none: string
  readonly search: string
  readonly sort: string
  /** Of those that were found, which are shown; all unless it is given. */
  readonly isWanted?: (token: TokenJson) => boolean
}

const SHOWN = 10
/** Of which those that are wanted are picked. */
const LOOKED_AT = 200

/** Tokens that fit a search, and the way to all of them. */
export function TokenSection({ place, title, none, search, sort, isWanted }: TokenSectionProps): VNode {
  const { api } = useSession()
  const pageSize = isWanted === undefined ? SHOWN : LOOKED_AT
  const loaded = useLoad(`${placeName(place)} ${search} ${sort}`, (signal) =>
    readPage<TokenJson>(api, {
      path: listPath(place),
      query: { query: search, sort, page_size: pageSize },
      signal,
    }),
  )
  return (
    <Section
      title={title}
      tools={<Link to={withQuery('/tokens', { in: placeName(place), q: search, sort })}>In the list</Link>}
    >
      <LoadedPart of={loaded} what="tokens">
        {({ items }) => {
          const shown = (isWanted === undefined ? items : items.filter(isWanted)).slice(0, SHOWN)
          return shown.length === 0 ? <p class="empty">{none}</p> : <TokenTable tokens={shown} />
        }}
      </LoadedPart>
    </Section>
  )
}
