import type { VNode } from 'preact'
import type { DeliveryJson } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { Instant } from '../../parts/instant.tsx'
import type { Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { counted } from '../../words/figures.ts'
import type { Tone } from '../../words/state.ts'

/** What became of a message, in words. */
export const DELIVERY_STATES: Readonly<Record<DeliveryJson['state'], readonly [title: string, tone: Tone]>> =
  {
    waiting: ['Waiting', 'warning'],
    delivered: ['Delivered', 'good'],
    dead: ['Given up', 'bad'],
  }

/** What a list of messages shows of each. */
export const DELIVERY_COLUMNS: readonly Column<DeliveryJson>[] = [
  { title: 'Event', cell: ({ event }) => <strong>{event}</strong> },
  { title: 'Token', cell: ({ token_name: name }) => <UserText text={name ?? 'none'} class="clip" /> },
  { title: 'Happened', cell: ({ event_at: at }) => <Instant at={at} /> },
  {
    title: 'State',
    cell: ({ state }) => <Badge tone={DELIVERY_STATES[state][1]} title={DELIVERY_STATES[state][0]} />,
  },
  { title: 'Tried', cell: (delivery) => <Tries delivery={delivery} /> },
]

function Tries({ delivery }: { readonly delivery: DeliveryJson }): VNode {
  const { attempts, last_error: error, last_status: status, next_attempt_at: next } = delivery
  return (
    <div>
      <p>
        {counted(attempts, 'time')}
        {status === null ? '' : `, last status ${status}`}
      </p>
      {error === null ? null : (
        <p class="muted">
          <UserText text={error} />
        </p>
      )}
      {next === null ? null : (
        <p class="muted">
          next <Instant at={next} />
        </p>
      )}
    </div>
  )
}
