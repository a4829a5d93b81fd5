import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { DownloadJson, RepositoryJson, TokenJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { useSession } from '../../session/context.ts'
import { repositoryName } from '../../words/places.ts'
import { ANSWERED, WHEN } from '../usage/log-columns.tsx'
import { downloadTitle } from '../usage/log-query.ts'
import { logPath } from '../paths.ts'
import { openedRepositories } from './opened-repositories.ts'
import { RepositoryChoice } from './repository-choice.tsx'

const SHOWN = 20

const COLUMNS: readonly Column<DownloadJson>[] = [
  WHEN,
  { title: 'Package', cell: (each) => <UserText text={downloadTitle(each)} /> },
  { title: 'Client', cell: ({ client }) => <UserText text={client} /> },
  ...ANSWERED,
]

/** The latest downloads, in each repository by itself, because there is a log of each. */
export function DownloadLog({ token }: { readonly token: TokenJson }): VNode | null {
  const { repositories } = useSession()
  const opened = openedRepositories(token, repositories)
  const [chosen, setChosen] = useState<string>()
  const shown = opened.find((each) => repositoryName(each) === chosen) ?? opened[0]
  if (shown === undefined) return null
  return (
    <Section title="Latest downloads">
      <RepositoryChoice label="In the repository" repositories={opened} chosen={shown} onChange={setChosen} />
      <Log token={token} repository={shown} />
    </Section>
  )
}

function Log({
  token,
  repository,
}: {
  readonly token: TokenJson
  readonly repository: RepositoryJson
}): VNode {
  const { api } = useSession()
  const path = ['downloads', repository.namespace, repository.name]
  const loaded = useLoad(path.join('/'), async (signal) => {
    const { body } = await api({ path, query: { token: token.slug_perm, page_size: SHOWN }, signal })
    return body as readonly DownloadJson[]
  })
  return (
    <LoadedPart of={loaded} what="downloads">
      {(downloads) =>
        downloads.length === 0 ? (
          <p class="empty">No download is on record.</p>
        ) : (
          <>
            <Table caption="Latest downloads" columns={COLUMNS} rows={downloads} keyOf={({ id }) => id} />
            <p>
              <Link to={logPath(repository, { token: token.slug_perm })}>
                All of them, to search and export
              </Link>
            </p>
          </>
        )
      }
    </LoadedPart>
  )
}
