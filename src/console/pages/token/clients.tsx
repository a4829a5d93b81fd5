import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { readPage } from '../../api/list.ts'
import type { ClientJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Pager } from '../../parts/pager.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { useSession } from '../../session/context.ts'
import { count } from '../../words/figures.ts'
import type { OpenToken } from './token-context.ts'

const PAGE_SIZE = 10

/** Who holds a place of the limit on clients. One can be freed. */
export function Clients({ open }: { readonly open: OpenToken }): VNode {
  const { api } = useSession()
  const [page, setPage] = useState(1)
  const [released, setReleased] = useState<string>()
  const path = [...open.path, 'clients']
  const loaded = useLoad(`${path.join('/')} ${page}`, (signal) =>
    readPage<ClientJson>(api, { path, query: { page, page_size: PAGE_SIZE }, signal }),
  )
  const done = (): void => {
    loaded.reload()
    open.reload()
  }
  return (
    <Section title="Clients">
      <LoadedPart of={loaded} what="clients">
        {(found) =>
          found.items.length === 0 ? (
            <p class="empty">No client has downloaded a package since the counters began.</p>
          ) : (
            <>
              <Table
                caption="Clients"
                columns={columnsFor(open.mayChange ? setReleased : undefined)}
                rows={found.items}
                keyOf={({ address }) => address}
              />
              <Pager of={found} noun="client" onPage={setPage} />
            </>
          )
        }
      </LoadedPart>
      {released === undefined ? null : (
        <ReleaseDialog
          path={[...path, released]}
          address={released}
          onDone={done}
          onClose={() => setReleased(undefined)}
        />
      )}
    </Section>
  )
}

function columnsFor(release: ((address: string) => void) | undefined): readonly Column<ClientJson>[] {
  const columns: readonly Column<ClientJson>[] = [
    { title: 'Address', cell: ({ address }) => <UserText text={address} /> },
    { title: 'Downloads', isFigure: true, cell: ({ downloads }) => count(downloads) },
    { title: 'First seen', cell: ({ first_seen_at: at }) => <Instant at={at} none="unknown" /> },
    { title: 'Last seen', cell: ({ last_seen_at: at }) => <Instant at={at} /> },
  ]
  if (release === undefined) return columns
  const cell = ({ address }: ClientJson): VNode => (
    <Button kind="quiet" label={`Release ${address}`} onClick={() => release(address)}>
      Release
    </Button>
  )
  return [...columns, { title: 'Place', cell }]
}

interface ReleaseDialogProps {
  readonly path: readonly string[]
  readonly address: string
  readonly onDone: () => void
  readonly onClose: () => void
}

function ReleaseDialog({ path, address, onDone, onClose }: ReleaseDialogProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const release = async (): Promise<void> => {
    await api({ method: 'DELETE', path })
    announce(`The place of ${address} is free.`)
    onDone()
  }
  return (
    <Confirm title="Free this place?" verb="Release" act={release} onClose={onClose}>
      <p>
        <UserText text={address} /> is forgotten, and another address can take its place. If it downloads
        again, it takes one itself.
      </p>
    </Confirm>
  )
}
