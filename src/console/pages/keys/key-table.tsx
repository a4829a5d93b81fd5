import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { now } from '../../clock.ts'
import type { KeyJson } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { useSession } from '../../session/context.ts'
import { EditKeyDialog } from './edit-key-dialog.tsx'
import { RevokeKey, RotateKey } from './key-questions.tsx'

interface KeyTableProps {
  readonly keys: readonly KeyJson[]
  readonly onChanged: () => void
  /** With the new key itself. */
  readonly onRotated: (key: KeyJson) => void
}

/** Keys with what they may, their last use, and what can be done with them. */
export function KeyTable({ keys, onChanged, onRotated }: KeyTableProps): VNode {
  const tools: Column<KeyJson> = {
    title: 'Change',
    cell: (key) => <KeyTools apiKey={key} onChanged={onChanged} onRotated={onRotated} />,
  }
  return <Table caption="Keys" columns={[...COLUMNS, tools]} rows={keys} keyOf={({ slug_perm: id }) => id} />
}

const COLUMNS: readonly Column<KeyJson>[] = [
  {
    title: 'Name',
    cell: ({ name }) => (
      <strong>
        <UserText text={name} class="clip" />
      </strong>
    ),
  },
  { title: 'Role', cell: ({ role }) => <span class="nowrap">{role}</span> },
  { title: 'Covers', cell: ({ repositories }) => <UserText text={repositories.join(', ') || 'nothing'} /> },
  { title: 'State', cell: (key) => <State apiKey={key} /> },
  { title: 'Ends', cell: ({ expires_at: at }) => <Instant at={at} /> },
  {
    title: 'Last used',
    cell: ({ last_used_at: at, last_used_from: from }) => (
      <span>
        <Instant at={at} /> {from === null ? null : <UserText text={`from ${from}`} class="muted" />}
      </span>
    ),
  },
]

function State({ apiKey }: { readonly apiKey: KeyJson }): VNode {
  if (apiKey.revoked_at !== null) return <Badge tone="bad" title="Revoked" />
  if (apiKey.is_active) return <Badge tone="good" title="Works" />
  const isOver = apiKey.expires_at !== null && Date.parse(apiKey.expires_at) <= now()
  return <Badge tone="quiet" title={isOver ? 'Expired' : 'Does not work'} />
}

type Asking = 'edit' | 'rotate' | 'revoke'

interface KeyToolsProps extends Omit<KeyTableProps, 'keys'> {
  readonly apiKey: KeyJson
}

function KeyTools({ apiKey, onChanged, onRotated }: KeyToolsProps): VNode | null {
  const { self } = useSession()
  const [asking, setAsking] = useState<Asking>()
  if (apiKey.revoked_at !== null) return null
  const close = (): void => setAsking(undefined)
  const done = (): void => {
    close()
    onChanged()
  }
  const button = (verb: Asking, title: string): VNode => (
    <Button kind="quiet" label={`${title}: ${apiKey.name.slice(0, 100)}`} onClick={() => setAsking(verb)}>
      {title}
    </Button>
  )
  return (
    <div class="row">
      {button('edit', 'Edit')}
      {button('rotate', 'Renew')}
      {/* A key can't end itself. */}
      {apiKey.slug_perm === self.slug_perm ? null : button('revoke', 'Revoke')}
      {asking === 'edit' ? <EditKeyDialog id={apiKey.slug_perm} onDone={done} onClose={close} /> : null}
      {asking === 'rotate' ? (
        <RotateKey id={apiKey.slug_perm} onChanged={onChanged} onRotated={onRotated} onClose={close} />
      ) : null}
      {asking === 'revoke' ? <RevokeKey id={apiKey.slug_perm} onChanged={onChanged} onClose={close} /> : null}
    </div>
  )
}
