import type { VNode } from 'preact'
import { Link } from '../../router/link.tsx'
import { withQuery } from '../../router/location.ts'
import { placeName, type TokenPlace } from '../../words/places.ts'

/** What can be done beside looking: for whoever may change tokens. */
export function Tools({ place }: { readonly place: TokenPlace }): VNode {
  return (
    <div class="row">
      <Link to={withQuery('/tokens/new', { in: placeName(place) })} class="button button-primary">
        New token
      </Link>
      <Link to={withQuery('/tokens/import', { in: placeName(place) })} class="button button-plain">
        Import
      </Link>
      <Link
        to={withQuery('/tokens/copy', place.repo === '*' ? {} : { from: placeName(place) })}
        class="button button-plain"
      >
        Copy to a repository
      </Link>
    </div>
  )
}
