import { formatSeconds } from './instants.ts'
import { readFields, type JsonFields } from './json-fields.ts'
import { renderFacts, renderTable, type Column, type TableOptions } from './table.ts'
import { NOTHING } from './text.ts'

const WEBHOOK_COLUMNS: readonly Column<JsonFields>[] = [
  { title: 'ID', cell: ({ text }) => text('slug_perm') ?? NOTHING },
  { title: 'STATE', cell: ({ flag }) => (flag('is_active') === true ? 'active' : 'off') },
  { title: 'TARGET', cell: ({ text }) => text('target_url') ?? NOTHING, isFlexible: true },
  { title: 'EVENTS', cell: ({ texts }) => texts('events')?.join(', ') ?? NOTHING, isFlexible: true },
  { title: 'REPOSITORIES', cell: ({ texts }) => texts('repositories')?.join(', ') ?? 'all', keep: 1 },
]

const DELIVERY_COLUMNS: readonly Column<JsonFields>[] = [
  { title: 'ID', cell: ({ text }) => text('slug_perm') ?? NOTHING },
  { title: 'WHEN', cell: ({ text }) => formatSeconds(text('event_at')), keep: 3 },
  { title: 'EVENT', cell: ({ text }) => text('event') ?? NOTHING },
  { title: 'TOKEN', cell: ({ text }) => text('token_name') ?? NOTHING, isFlexible: true, keep: 2 },
  { title: 'STATE', cell: ({ text }) => text('state') ?? NOTHING },
  { title: 'TRIES', cell: ({ number }) => String(number('attempts') ?? 0), align: 'right' },
  { title: 'NEXT', cell: ({ text }) => formatSeconds(text('next_attempt_at')), keep: 1 },
  { title: 'ERROR', cell: ({ text }) => text('last_error') ?? NOTHING, isFlexible: true },
]

export function renderWebhooks(webhooks: readonly unknown[], options: TableOptions): string {
  return renderTable(webhooks.map(readFields), WEBHOOK_COLUMNS, options)
}

export function renderDeliveries(deliveries: readonly unknown[], options: TableOptions): string {
  return renderTable(deliveries.map(readFields), DELIVERY_COLUMNS, options)
}

/** One webhook; its secret is there only when it was just made. */
export function renderWebhook({ text, texts, flag }: JsonFields): string {
  const secret = text('secret')
  return renderFacts([
    ['id', text('slug_perm') ?? NOTHING],
    ['target', text('target_url') ?? NOTHING],
    ['state', flag('is_active') === true ? 'active' : 'off'],
    ['events', texts('events')?.join(', ') ?? NOTHING],
    ['repositories', texts('repositories')?.join(', ') ?? 'all'],
    ...(secret === null ? [] : [['secret', `${secret} (shown this once)`] as const]),
  ])
}
