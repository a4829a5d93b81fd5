import type { VNode } from 'preact'
import { now } from '../../clock.ts'
import type { TokenJson } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { GaugeBar } from '../../parts/gauge-bar.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Table, type Column, type Sorting } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { plainUsage, tightestGauge } from '../../words/limits.ts'
import { homeTitle } from '../../words/places.ts'
import { describeState } from '../../words/state.ts'
import type { Selection } from '../bulk/use-selection.ts'
import { tokenPagePath } from '../paths.ts'

interface TokenTableProps {
  readonly tokens: readonly TokenJson[]
  /** undefined: it can't be sorted. */
  readonly sorting?: Sorting
  /** undefined: there is nothing to pick them for. */
  readonly selection?: Selection
}

/** Tokens below one another, each with what tells it apart and what is wrong with it. */
export function TokenTable({ tokens, sorting, selection }: TokenTableProps): VNode {
  const sorts = sorting === undefined ? {} : { sorting }
  const name: Column<TokenJson> = {
    title: 'Name',
    order: 'name',
    cell: (token) => <Name token={token} selection={selection} />,
  }
  return (
    <Table
      caption="Tokens"
      columns={[name, ...COLUMNS]}
      rows={tokens}
      keyOf={({ slug_perm: id }) => id}
      {...sorts}
    />
  )
}

const COLUMNS: readonly Column<TokenJson>[] = [
  { title: 'Repository', cell: (token) => homeTitle(token) },
  { title: 'State', cell: (token) => <State token={token} /> },
  { title: 'Used', order: 'downloads', cell: (token) => <Used token={token} /> },
  { title: 'Ends', order: 'expires', cell: ({ expires_at: at }) => <Instant at={at} /> },
  { title: 'Last used', order: 'last_used', cell: ({ last_used_at: at }) => <Instant at={at} /> },
]

interface NameProps {
  readonly token: TokenJson
  readonly selection: Selection | undefined
}

function Name({ token, selection }: NameProps): VNode {
  const link = (
    <Link to={tokenPagePath(token)} class="name-link">
      <UserText text={token.name} class="clip" />
    </Link>
  )
  if (selection === undefined) return link
  return (
    <span class="pick">
      <input
        type="checkbox"
        aria-label={`Pick ${token.name.slice(0, 100)}`}
        checked={selection.has(token)}
        onChange={(event) => selection.set([token], event.currentTarget.checked)}
      />
      {link}
    </span>
  )
}

function State({ token }: { readonly token: TokenJson }): VNode {
  const { tone, title } = describeState(token, now())
  return <Badge tone={tone} title={title} />
}

function Used({ token }: { readonly token: TokenJson }): VNode {
  const gauge = tightestGauge(token)
  if (gauge === undefined) return <span class="muted">{plainUsage(token)}</span>
  const words = `${gauge.words}${gauge.title === 'Bandwidth' ? '' : ` ${gauge.title.toLowerCase()}`}`
  return <GaugeBar gauge={{ ...gauge, words }} />
}
