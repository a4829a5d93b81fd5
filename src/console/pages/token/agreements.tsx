import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { AcceptanceJson } from '../../api/types.ts'
import { unlessChanged } from '../../api/unless-changed.ts'
import { useLoad } from '../../api/use-load.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Instant } from '../../parts/instant.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { useSession } from '../../session/context.ts'
import type { OpenToken } from './token-context.ts'

/** Which license agreements the customer accepted. Nothing where there is none to speak of. */
export function Agreements({ open }: { readonly open: OpenToken }): VNode | null {
  const { api } = useSession()
  const { token } = open
  const path = [...open.path, 'eula']
  const [withdrawn, setWithdrawn] = useState<AcceptanceJson>()
  const loaded = useLoad(`${path.join('/')} ${token.updated_at}`, async (signal) => {
    const { body } = await api({ path, signal })
    return body as readonly AcceptanceJson[]
  })
  const isKnownEmpty = loaded.error === undefined && (loaded.value ?? []).length === 0
  if (isKnownEmpty && !token.eula_required) return null
  return (
    <Section title="License agreements">
      <LoadedPart of={loaded} what="license agreements">
        {(accepted) =>
          accepted.length === 0 ? (
            <p class="empty">None was accepted yet: the customer does that on the page of the repository.</p>
          ) : (
            <Table
              caption="License agreements"
              columns={columnsFor(open.mayChange ? setWithdrawn : undefined)}
              rows={accepted}
              keyOf={({ repository }) => repository}
            />
          )
        }
      </LoadedPart>
      {withdrawn === undefined ? null : (
        <WithdrawDialog
          open={open}
          path={path}
          acceptance={withdrawn}
          onClose={() => setWithdrawn(undefined)}
        />
      )}
    </Section>
  )
}

const COLUMNS: readonly Column<AcceptanceJson>[] = [
  { title: 'Repository', cell: ({ repository }) => repository },
  { title: 'Revision', isFigure: true, cell: ({ revision }) => revision },
  { title: 'Accepted', cell: ({ accepted_at: at }) => <Instant at={at} /> },
  { title: 'From', cell: ({ accepted_from: from }) => from },
]

function columnsFor(
  withdraw: ((acceptance: AcceptanceJson) => void) | undefined,
): readonly Column<AcceptanceJson>[] {
  if (withdraw === undefined) return COLUMNS
  const cell = (acceptance: AcceptanceJson): VNode => (
    <Button kind="quiet" label={`Withdraw ${acceptance.repository}`} onClick={() => withdraw(acceptance)}>
      Withdraw
    </Button>
  )
  return [...COLUMNS, { title: 'Change', cell }]
}

interface WithdrawDialogProps {
  readonly open: OpenToken
  readonly path: readonly string[]
  readonly acceptance: AcceptanceJson
  readonly onClose: () => void
}

function WithdrawDialog({ open, path, acceptance, onClose }: WithdrawDialogProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { repository, revision } = acceptance
  const withdraw = async (): Promise<void> => {
    await unlessChanged(
      open.reload,
      api({ method: 'DELETE', path, query: { repository }, ifMatch: open.tag }),
    )
    announce('The customer is asked again.')
    open.reload()
  }
  return (
    <Confirm title="Withdraw this acceptance?" verb="Withdraw" act={withdraw} onClose={onClose}>
      <p>
        {`Revision ${revision} of the agreement of ${repository} counts as not accepted: nothing is delivered from there until the customer accepts again.`}
      </p>
    </Confirm>
  )
}
