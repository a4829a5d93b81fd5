import type { VNode } from 'preact'
import { useMemo } from 'preact/hooks'
import { ApiError } from '../../api/errors.ts'
import { readPage } from '../../api/list.ts'
import type { TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart } from '../../parts/section.tsx'
import { Pager } from '../../parts/pager.tsx'
import { navigate, withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { listPath, placeName, tokenPlaces } from '../../words/places.ts'
import { placeInTyped, tokenQuery } from '../../words/token-query.ts'
import { BulkBar } from '../bulk/bulk-bar.tsx'
import { useSelection } from '../bulk/use-selection.ts'
import type { PageProps } from '../page.ts'
import { Filters } from './filters.tsx'
import { readListQuery, writeListQuery, type ListQuery } from './list-query.ts'
import { TokenTable } from './token-table.tsx'
import { Tools } from './tools.tsx'

const PAGE_SIZE = 50

/** The list of tokens: find the customer. */
export function TokensPage({ query }: PageProps): VNode {
  useTitle('Tokens')
  const { repositories, rights } = useSession()
  const places = useMemo(() => tokenPlaces(repositories, rights), [repositories, rights])
  const asked = readListQuery(query, places)
  return (
    <div class="page">
      <div class="card-head">
        <h1>Tokens</h1>
        {asked !== undefined && rights.can('tokens:change') ? <Tools place={asked.place} /> : null}
      </div>
      {asked === undefined ? (
        <p>There is no repository that your key covers.</p>
      ) : (
        <TokenList asked={asked} places={places} />
      )}
    </div>
  )
}

interface TokenListProps {
  readonly asked: ListQuery
  readonly places: ReturnType<typeof tokenPlaces>
}

function TokenList({ asked, places }: TokenListProps): VNode {
  const { api } = useSession()
  const { place, typed, state, sort, page } = asked
  const search = tokenQuery(typed, state)
  const list = { path: listPath(place), query: { query: search, sort } }
  const loaded = useLoad(`${placeName(place)} ${JSON.stringify([search, sort, page])}`, (signal) =>
    readPage<TokenJson>(api, { ...list, query: { ...list.query, page, page_size: PAGE_SIZE }, signal }),
  )
  const selection = useSelection(JSON.stringify([place, search]))
  const go = (change: Partial<ListQuery>): void =>
    navigate(withQuery('/tokens', writeListQuery({ ...asked, page: 1, ...change })))
  const mistake = searchMistake(loaded.error)
  const problem = mistake === undefined ? undefined : placeInTyped(mistake, typed, state)
  return (
    <>
      <Filters
        key={JSON.stringify([typed, state, sort, place])}
        asked={asked}
        places={places}
        problem={problem}
        onChange={go}
      />
      <div class="card">
        <LoadedPart
          of={problem === undefined ? loaded : { ...loaded, error: undefined, value: undefined }}
          what="tokens"
        >
          {(found) => (
            <>
              {found.items.length === 0 ? (
                <NoneFound isNarrowed={search !== ''} />
              ) : (
                <>
                  <BulkBar found={found} asked={list} selection={selection} onChanged={loaded.reload} />
                  <TokenTable
                    tokens={found.items}
                    sorting={{ current: sort, onSort: (order) => go({ sort: order }) }}
                    selection={selection}
                  />
                </>
              )}
              <Pager of={found} noun="token" onPage={(next) => go({ page: next })} />
            </>
          )}
        </LoadedPart>
      </div>
    </>
  )
}

/** What is wrong with the search itself. */
function searchMistake(error: unknown): string | undefined {
  return error instanceof ApiError ? error.fields['query']?.join(' ') : undefined
}

function NoneFound({ isNarrowed }: { readonly isNarrowed: boolean }): VNode {
  return (
    <p class="empty">
      {isNarrowed
        ? 'No token fits. Try fewer words, another state or another repository.'
        : 'There are no tokens here yet.'}
    </p>
  )
}
