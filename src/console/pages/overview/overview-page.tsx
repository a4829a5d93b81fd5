import type { VNode } from 'preact'
import { useMemo } from 'preact/hooks'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { isWholeOwner, placeName, placeTitle, tokenPlaces } from '../../words/places.ts'
import { Activity } from './activity.tsx'
import { EndingSoon, UsedUpSoon } from './ending-soon.tsx'
import { RepositoryList } from './repository-list.tsx'
import { StateCounts } from './state-counts.tsx'

/** What is there, and what needs somebody soon. */
export function OverviewPage(): VNode {
  useTitle('Overview')
  const { repositories, rights } = useSession()
  const places = useMemo(() => tokenPlaces(repositories, rights), [repositories, rights])
  // Of an owner that is covered whole, its repositories say nothing more.
  const wholes = places.filter(isWholeOwner)
  const shown = wholes.length > 0 ? wholes : places
  return (
    <div class="page">
      <h1>Overview</h1>
      {shown.map((place) => (
        <div class="stack" key={placeName(place)}>
          {shown.length > 1 ? <h2>{placeTitle(place)}</h2> : null}
          {rights.can('tokens:read') ? <StateCounts place={place} /> : null}
          {rights.can('figures:read') ? <Activity place={place} /> : null}
          {rights.can('tokens:read') ? (
            <>
              <EndingSoon place={place} />
              <UsedUpSoon place={place} />
            </>
          ) : null}
        </div>
      ))}
      <RepositoryList repositories={repositories} />
    </div>
  )
}
