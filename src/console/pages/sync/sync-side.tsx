import type { VNode } from 'preact'
import { readPage } from '../../api/list.ts'
import type { TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { count, counted } from '../../words/figures.ts'
import { listPath, placeName, type TokenPlace } from '../../words/places.ts'
import { tokenPagePath } from '../paths.ts'

const SHOWN = 10

interface SyncSideProps {
  readonly title: string
  readonly place: TokenPlace
  /** Another one reads it again. */
  readonly round: number
}

/** Which tokens a repository has: all of them would be copied, or replaced. */
export function SyncSide({ title, place, round }: SyncSideProps): VNode {
  const { api } = useSession()
  const loaded = useLoad(`${placeName(place)} ${round}`, (signal) =>
    readPage<TokenJson>(api, {
      path: listPath(place),
      query: { sort: '-last_used', page_size: SHOWN },
      signal,
    }),
  )
  return (
    <Section title={title}>
      <LoadedPart of={loaded} what="tokens">
        {({ items, total }) => (
          <div class="stack">
            <p>
              <strong>{counted(total, 'token')}</strong>
              {total > SHOWN ? `, of which the last used are` : ''}
            </p>
            <ul>
              {items.map((token) => (
                <li key={token.slug_perm}>
                  <Link to={tokenPagePath(token)}>
                    <UserText text={token.name} class="clip" />
                  </Link>
                </li>
              ))}
            </ul>
            {total > SHOWN ? (
              <Link to={withQuery('/tokens', { in: placeName(place) })}>See all {count(total)}</Link>
            ) : null}
          </div>
        )}
      </LoadedPart>
    </Section>
  )
}
