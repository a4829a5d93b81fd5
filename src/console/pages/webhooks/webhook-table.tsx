import type { VNode } from 'preact'
import type { WebhookJson } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { buildPath } from '../../router/match.ts'
import { eventsWords } from './event-words.ts'

interface WebhookTableProps {
  readonly owner: string
  readonly webhooks: readonly WebhookJson[]
}

/** Webhooks below one another, each with where it leads to. */
export function WebhookTable({ owner, webhooks }: WebhookTableProps): VNode {
  return (
    <Table caption="Webhooks" columns={columnsFor(owner)} rows={webhooks} keyOf={({ slug_perm: id }) => id} />
  )
}

function columnsFor(owner: string): readonly Column<WebhookJson>[] {
  return [
    {
      title: 'Target',
      cell: ({ target_url: url, slug_perm: id }) => (
        <Link to={buildPath('/webhooks/:owner/:id', { owner, id })} class="name-link">
          <UserText text={url} class="clip" />
        </Link>
      ),
    },
    { title: 'Events', cell: ({ events }) => eventsWords(events) },
    {
      title: 'Repositories',
      cell: ({ repositories: globs }) => <UserText text={globs === null ? 'all' : globs.join(', ')} />,
    },
    { title: 'State', cell: ({ is_active: isActive }) => <WebhookState isActive={isActive} /> },
  ]
}

export function WebhookState({ isActive }: { readonly isActive: boolean }): VNode {
  return <Badge tone={isActive ? 'good' : 'quiet'} title={isActive ? 'Active' : 'Switched off'} />
}
