import type { VNode } from 'preact'
import { useMemo } from 'preact/hooks'
import { WHOLE_OWNER } from '../../../policy/owner-level.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { tokenPlaces } from '../../words/places.ts'
import { EndingSoon } from './ending-soon.tsx'
import { RepositoryList } from './repository-list.tsx'
import { StateCounts } from './state-counts.tsx'

/** What is there, and what needs somebody soon. */
export function OverviewPage(): VNode {
  useTitle('Overview')
  const { repositories, rights } = useSession()
  const places = useMemo(() => tokenPlaces(repositories, rights), [repositories, rights])
  // Of an owner that is covered whole, its repositories say nothing more.
  const wholes = places.filter(({ repo }) => repo === WHOLE_OWNER)
  const shown = wholes.length > 0 ? wholes : places
  return (
    <div class="page">
      <h1>Overview</h1>
      {rights.can('tokens:read')
        ? shown.map((place) => (
            <div class="stack" key={`${place.owner}/${place.repo}`}>
              <StateCounts place={place} />
              <EndingSoon place={place} />
            </div>
          ))
        : null}
      <RepositoryList repositories={repositories} />
    </div>
  )
}
