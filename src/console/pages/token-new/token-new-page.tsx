import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { TokenJson } from '../../api/types.ts'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { findPlace, isWholeOwner, tokenPlaces } from '../../words/places.ts'
import type { PageProps } from '../page.ts'
import { Created } from './created.tsx'
import { NewForm } from './new-form.tsx'

/** Makes a token, and shows what its customer needs. */
export function TokenNewPage({ query }: PageProps): VNode {
  useTitle('New token')
  const { repositories, rights } = useSession()
  const places = useMemo(() => tokenPlaces(repositories, rights), [repositories, rights])
  const [created, setCreated] = useState<TokenJson>()
  const wanted = findPlace(places, query.get('in'))
  const first = wanted ?? places.find((each) => !isWholeOwner(each)) ?? places[0]
  return (
    <div class="page">
      <p class="crumbs">
        <Link to="/tokens">Tokens</Link>
      </p>
      <h1>{created === undefined ? 'New token' : 'The token is made'}</h1>
      {created !== undefined ? (
        <Created token={created} onAnother={() => setCreated(undefined)} />
      ) : first === undefined ? (
        <p>There is no repository that your key covers.</p>
      ) : (
        <NewForm places={places} first={first} onCreated={setCreated} />
      )}
    </div>
  )
}
