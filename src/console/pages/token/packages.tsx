import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { readPage } from '../../api/list.ts'
import type { PackageJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Instant } from '../../parts/instant.tsx'
import { Pager } from '../../parts/pager.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { useSession } from '../../session/context.ts'
import { count, size } from '../../words/figures.ts'

const PAGE_SIZE = 10

const COLUMNS: readonly Column<PackageJson>[] = [
  { title: 'Package', cell: ({ name }) => <UserText text={name} /> },
  { title: 'Version', cell: ({ version }) => <UserText text={version} /> },
  { title: 'Repository', cell: ({ repository }) => repository },
  { title: 'Downloads', isFigure: true, cell: ({ downloads }) => count(downloads) },
  { title: 'Sent', isFigure: true, cell: ({ bandwidth }) => size(bandwidth) },
  { title: 'Last', cell: ({ last_downloaded_at: at }) => <Instant at={at} /> },
]

/** Packages and versions that were fetched, last used first. */
export function Packages({ path: token }: { readonly path: readonly string[] }): VNode {
  const { api } = useSession()
  const [page, setPage] = useState(1)
  const path = [...token, 'packages']
  const loaded = useLoad(`${path.join('/')} ${page}`, (signal) =>
    readPage<PackageJson>(api, { path, query: { page, page_size: PAGE_SIZE }, signal }),
  )
  return (
    <Section title="Packages">
      <LoadedPart of={loaded} what="packages">
        {(found) =>
          found.items.length === 0 ? (
            <p class="empty">No package was downloaded yet.</p>
          ) : (
            <>
              <Table
                caption="Packages"
                columns={COLUMNS}
                rows={found.items}
                keyOf={({ slug_perm: id }) => id}
              />
              <Pager of={found} noun="package" onPage={setPage} />
            </>
          )
        }
      </LoadedPart>
    </Section>
  )
}
