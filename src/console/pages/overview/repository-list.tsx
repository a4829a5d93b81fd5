import type { VNode } from 'preact'
import type { RepositoryJson } from '../../api/types.ts'
import { Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'

const COLUMNS: readonly Column<RepositoryJson>[] = [
  { title: 'Repository', cell: ({ namespace, name }) => `${namespace}/${name}` },
  { title: 'Format', cell: ({ format }) => format },
  { title: 'Open to', cell: ({ is_public: isPublic }) => (isPublic ? 'everybody' : 'tokens') },
  { title: 'Address', cell: ({ cdn_url: url }) => <code class="breakable">{url}</code> },
]

/** What is served. */
export function RepositoryList({
  repositories,
}: {
  readonly repositories: readonly RepositoryJson[]
}): VNode {
  return (
    <Section title="Repositories">
      {repositories.length === 0 ? (
        <p class="empty">There is no repository that your key covers.</p>
      ) : (
        <Table
          caption="Repositories"
          columns={COLUMNS}
          rows={repositories}
          keyOf={({ namespace, name }) => `${namespace}/${name}`}
        />
      )}
    </Section>
  )
}
