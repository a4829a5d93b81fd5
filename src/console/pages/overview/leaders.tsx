import type { VNode } from 'preact'
import type { LeaderJson } from '../../api/types.ts'
import { Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { count, size } from '../../words/figures.ts'
import { sortRefusals, sumRefusals } from '../../words/refusals.ts'
import { tokenPagePath } from '../paths.ts'

const NAME: Column<LeaderJson> = {
  title: 'Token',
  cell: ({ token, owner, repository, name }) => (
    <Link to={tokenPagePath({ slug_perm: token, owner, repository })} class="name-link">
      <UserText text={name} class="clip" />
    </Link>
  ),
}
const DOWNLOADS: Column<LeaderJson> = {
  title: 'Downloads',
  isFigure: true,
  cell: ({ downloads }) => count(downloads),
}
const SENT: Column<LeaderJson> = { title: 'Sent', isFigure: true, cell: ({ bandwidth }) => size(bandwidth) }
const REFUSED: Column<LeaderJson> = {
  title: 'Refused',
  isFigure: true,
  cell: ({ refusals }) => count(sumRefusals(refusals)),
}
const REASONS: Column<LeaderJson> = {
  title: 'Why',
  cell: ({ refusals }) =>
    sortRefusals(refusals)
      .map(({ title, count: times }) => `${title} (${count(times)} ×)`)
      .join(', '),
}

interface LeadersProps {
  readonly title: string
  readonly rows: readonly LeaderJson[]
  readonly kind: 'downloads' | 'bandwidth' | 'refusals'
}

const COLUMNS: Readonly<Record<LeadersProps['kind'], readonly Column<LeaderJson>[]>> = {
  downloads: [NAME, DOWNLOADS, SENT],
  bandwidth: [NAME, SENT, DOWNLOADS],
  refusals: [NAME, REFUSED, REASONS],
}
const NOBODY: Readonly<Record<LeadersProps['kind'], string>> = {
  downloads: 'Nobody downloaded anything in this time.',
  bandwidth: 'Nothing was sent in this time.',
  refusals: 'Nobody was refused in this time.',
}

/** The customers with the most of something; each leads to the token. */
export function Leaders({ title, rows, kind }: LeadersProps): VNode {
  return (
    <Section title={title}>
      {rows.length === 0 ? (
        <p class="empty">{NOBODY[kind]}</p>
      ) : (
        <Table caption={title} columns={COLUMNS[kind]} rows={rows} keyOf={({ token }) => token} />
      )}
    </Section>
  )
}
