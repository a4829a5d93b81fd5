import type { VNode } from 'preact'
import { useMemo } from 'preact/hooks'
import { splitFieldProblems } from '../../api/field-problems.ts'
import { readPage } from '../../api/list.ts'
import type { AuditJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Pager } from '../../parts/pager.tsx'
import { LoadedPart } from '../../parts/section.tsx'
import { navigate, withQuery } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import type { PageProps } from '../page.ts'
import { AuditEntry } from './audit-entry.tsx'
import { AuditFilters } from './audit-filters.tsx'
import {
  auditPlaces,
  auditRequest,
  readAuditQuery,
  writeAuditQuery,
  type AuditPlace,
  type AuditQuery,
} from './audit-query.ts'

const PAGE_SIZE = 30

/** Who changed what. */
export function AuditPage({ query }: PageProps): VNode {
  useTitle('Changes')
  const { repositories, rights } = useSession()
  const places = useMemo(() => auditPlaces({ repositories, rights }), [repositories, rights])
  const asked = readAuditQuery(query, places)
  return (
    <div class="page">
      <h1>Changes</h1>
      {asked === undefined ? (
        <p>There is no repository that your key covers.</p>
      ) : (
        <AuditLog asked={asked} places={places} />
      )}
    </div>
  )
}

interface AuditLogProps {
  readonly asked: AuditQuery
  readonly places: readonly AuditPlace[]
}

function AuditLog({ asked, places }: AuditLogProps): VNode {
  const { api } = useSession()
  const loaded = useLoad(`${asked.place} ${JSON.stringify(asked)}`, (signal) => {
    const { path, query } = auditRequest(asked)
    return readPage<AuditJson>(api, { path, query: { ...query, page_size: PAGE_SIZE }, signal })
  })
  const { problemOf, rest } = splitFieldProblems(loaded, ['actor', 'object', 'since', 'until'])
  const go = (change: Partial<AuditQuery>): void =>
    navigate(withQuery('/audit', writeAuditQuery({ ...asked, page: 1, ...change })))
  return (
    <>
      <AuditFilters
        key={JSON.stringify({ ...asked, page: 1 })}
        asked={asked}
        places={places}
        problemOf={problemOf}
        onChange={go}
      />
      <div class="card">
        <LoadedPart of={rest} what="changes">
          {(found) => (
            <>
              {found.items.length === 0 ? <p class="empty">Nothing was changed that fits.</p> : null}
              <ol class="trail">
                {found.items.map((entry) => (
                  <AuditEntry key={entry.uuid} entry={entry} />
                ))}
              </ol>
              <Pager of={found} noun="change" onPage={(page) => go({ page })} />
            </>
          )}
        </LoadedPart>
      </div>
    </>
  )
}
