import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { readPage } from '../../api/list.ts'
import type { AuditJson, TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { FieldChanges } from '../../parts/field-changes.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Pager } from '../../parts/pager.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { eventWords } from '../../words/changes.ts'
import { homeOf, pathIn, placeName } from '../../words/places.ts'

const PAGE_SIZE = 10

/** Who changed what about the token. */
export function AuditTrail({ token }: { readonly token: TokenJson }): VNode {
  const { api } = useSession()
  const [page, setPage] = useState(1)
  const home = homeOf(token)
  const loaded = useLoad(`${token.slug_perm} ${page} ${token.updated_at}`, (signal) =>
    readPage<AuditJson>(api, {
      path: pathIn('audit-log', home),
      query: { object: token.slug_perm, page, page_size: PAGE_SIZE },
      signal,
    }),
  )
  return (
    <Section
      title="Changes"
      tools={
        <Link to={withQuery('/audit', { in: placeName(home), object: token.slug_perm })}>In the log</Link>
      }
    >
      <LoadedPart of={loaded} what="changes">
        {(found) => (
          <>
            <ol class="trail">
              {found.items.map((entry) => (
                <Entry key={entry.uuid} entry={entry} />
              ))}
            </ol>
            <Pager of={found} noun="change" onPage={setPage} />
          </>
        )}
      </LoadedPart>
    </Section>
  )
}

function Entry({ entry }: { readonly entry: AuditJson }): VNode {
  return (
    <li>
      <p>{eventWords(entry)}</p>
      <p class="muted">
        <Instant at={entry.event_at} /> by <UserText text={entry.actor} />
        {entry.actor_ip_address === null ? '' : ` from ${entry.actor_ip_address}`}
      </p>
      <FieldChanges entry={entry} />
    </li>
  )
}
