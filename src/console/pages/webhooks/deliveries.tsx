import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { readPage } from '../../api/list.ts'
import type { DeliveryJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { Choice } from '../../parts/field.tsx'
import { Pager } from '../../parts/pager.tsx'
import { Problem } from '../../parts/problem.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { useAction } from '../../parts/use-action.ts'
import { useSession } from '../../session/context.ts'
import { counted } from '../../words/figures.ts'
import { DELIVERY_COLUMNS, DELIVERY_STATES } from './delivery-columns.tsx'

interface DeliveriesProps {
  /** Segments of the API's path of the webhook. */
  readonly path: readonly string[]
  /** Another one reads them again. */
  readonly round: number
}

/** What a webhook sent, sends and could not send; that can be tried once more. */
export function Deliveries({ path, round }: DeliveriesProps): VNode {
  const { api } = useSession()
  const announce = useAnnounce()
  const { run, isBusy, problem } = useAction()
  const [state, setState] = useState('')
  const [page, setPage] = useState(1)
  const loaded = useLoad(`${path.join('/')} ${state} ${page} ${round}`, (signal) =>
    readPage<DeliveryJson>(api, {
      path: [...path, 'deliveries'],
      query: { state, page, page_size: 20 },
      signal,
    }),
  )
  const resend = (deliveries: readonly DeliveryJson[]): void =>
    void run(async () => {
      try {
        for (const { slug_perm: id } of deliveries)
          await api({ method: 'POST', path: [...path, 'deliveries', id, 'resend'] })
        announce(`${counted(deliveries.length, 'message')} will be tried again.`)
      } finally {
        loaded.reload()
      }
    })
  const again: Column<DeliveryJson> = {
    title: 'Again',
    cell: (delivery) =>
      delivery.state === 'waiting' ? (
        <span class="muted">by itself</span>
      ) : (
        <Button
          kind="quiet"
          isBusy={isBusy}
          label={`Send again: ${delivery.event}, ${delivery.slug_perm}`}
          onClick={() => resend([delivery])}
        >
          Send again
        </Button>
      ),
  }
  return (
    <Section title="What was sent" tools={<Button onClick={loaded.reload}>Look again</Button>}>
      <div class="fields">
        <Choice
          label="State"
          value={state}
          options={[
            ['', 'Any'],
            ...Object.entries(DELIVERY_STATES).map(([each, [title]]) => [each, title] as const),
          ]}
          onChange={(chosen) => {
            setState(chosen)
            setPage(1)
          }}
        />
      </div>
      <Problem text={problem} />
      <LoadedPart of={loaded} what="messages">
        {(found) => (
          <>
            <ResendDead deliveries={found.items} isBusy={isBusy} onResend={resend} />
            {found.items.length === 0 ? (
              <p class="empty">There is nothing here.</p>
            ) : (
              <Table
                caption="Messages"
                columns={[...DELIVERY_COLUMNS, again]}
                rows={found.items}
                keyOf={({ slug_perm: id }) => id}
              />
            )}
            <Pager of={found} noun="message" onPage={setPage} />
          </>
        )}
      </LoadedPart>
    </Section>
  )
}

interface ResendDeadProps {
  readonly deliveries: readonly DeliveryJson[]
  readonly isBusy: boolean
  readonly onResend: (deliveries: readonly DeliveryJson[]) => void
}

function ResendDead({ deliveries, isBusy, onResend }: ResendDeadProps): VNode | null {
  const dead = deliveries.filter(({ state }) => state === 'dead')
  if (dead.length === 0) return null
  return (
    <div class="row">
      <Button isBusy={isBusy} onClick={() => onResend(dead)}>
        Send again what was given up here ({dead.length})
      </Button>
    </div>
  )
}
