import type { VNode } from 'preact'
import type { RepositoryJson } from '../../api/types.ts'
import { Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { repositoryName } from '../../words/places.ts'
import { PurgeButton } from '../cache/purge-button.tsx'
import { usagePath } from '../paths.ts'

const OTHERS: readonly Column<RepositoryJson>[] = [
  { title: 'Format', cell: ({ format }) => format },
  { title: 'Open to', cell: ({ is_public: isPublic }) => (isPublic ? 'everybody' : 'tokens') },
  { title: 'Address', cell: ({ cdn_url: url }) => <code class="breakable">{url}</code> },
]

const PLAIN: readonly Column<RepositoryJson>[] = [{ title: 'Repository', cell: repositoryName }, ...OTHERS]
const LEADING: readonly Column<RepositoryJson>[] = [
  { title: 'Repository', cell: (each) => <Link to={usagePath(each)}>{repositoryName(each)}</Link> },
  ...OTHERS,
]

/** What is served; each leads to what was used of it. */
export function RepositoryList({
  repositories,
}: {
  readonly repositories: readonly RepositoryJson[]
}): VNode {
  const { rights } = useSession()
  const columns = rights.can('figures:read') ? LEADING : PLAIN
  return (
    <Section title="Repositories" tools={<PurgeButton place={undefined} />}>
      {repositories.length === 0 ? (
        <p class="empty">There is no repository that your key covers.</p>
      ) : (
        <Table caption="Repositories" columns={columns} rows={repositories} keyOf={repositoryName} />
      )}
    </Section>
  )
}
