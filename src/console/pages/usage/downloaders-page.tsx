import type { VNode } from 'preact'
import { readPage } from '../../api/list.ts'
import type { DownloaderJson, RepositoryJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Instant } from '../../parts/instant.tsx'
import { Pager } from '../../parts/pager.tsx'
import { LoadedPart } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { Link } from '../../router/link.tsx'
import { navigate, withQuery } from '../../router/location.ts'
import { readPageNumber, writePageNumber } from '../../router/page-number.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { count, size } from '../../words/figures.ts'
import { repositoryName } from '../../words/places.ts'
import { NotFound } from '../not-found.tsx'
import type { PageProps } from '../page.ts'
import { logPath, packagePath, usagePath } from '../paths.ts'
import { repositoryOf } from './repository-params.ts'

const PAGE_SIZE = 30

/** Who downloaded a package, in one version or in any. */
export function DownloadersPage({ params, query }: PageProps): VNode {
  const { repositories } = useSession()
  const repository = repositoryOf(params, repositories)
  const name = query.get('name') ?? ''
  useTitle(name)
  if (repository === undefined || name === '') return <NotFound />
  const version = query.get('version') ?? ''
  const page = readPageNumber(query)
  return (
    <div class="page">
      <p class="crumbs">
        <Link to={usagePath(repository)}>{`Usage of ${repositoryName(repository)}`}</Link>
      </p>
      <div class="row head">
        <h1>
          Who downloaded <UserText text={`${name} ${version}`.trim()} />
        </h1>
        <Link to={logPath(repository, { package: name, version })} class="button button-plain">
          Single downloads
        </Link>
      </div>
      {version === '' ? null : (
        <p>
          <Link to={packagePath(repository, name, '')}>All versions</Link>
        </p>
      )}
      <Downloaders repository={repository} name={name} version={version} page={page} />
    </div>
  )
}

interface DownloadersProps {
  readonly repository: RepositoryJson
  readonly name: string
  readonly version: string
  readonly page: number
}

function Downloaders({ repository, name, version, page }: DownloadersProps): VNode {
  const { api } = useSession()
  const path = ['usage', repository.namespace, repository.name, 'packages', name]
  const loaded = useLoad(JSON.stringify([path, version, page]), (signal) =>
    readPage<DownloaderJson>(api, { path, query: { version, page, page_size: PAGE_SIZE }, signal }),
  )
  const go = (next: number): void =>
    navigate(withQuery(`${usagePath(repository)}/package`, { name, version, page: writePageNumber(next) }))
  return (
    <div class="card">
      <LoadedPart of={loaded} what="customers">
        {(found) =>
          found.items.length === 0 ? (
            <p class="empty">Nobody has downloaded it with a token.</p>
          ) : (
            <>
              <Table
                caption="Customers"
                columns={columnsFor(repository)}
                rows={found.items}
                keyOf={({ token, version: each, filename }) => JSON.stringify([token, each, filename])}
              />
              <Pager of={found} noun="row" onPage={go} />
            </>
          )
        }
      </LoadedPart>
    </div>
  )
}

/** The token may be at home elsewhere, or gone: the log of what it downloaded here is here. */
function columnsFor(repository: RepositoryJson): readonly Column<DownloaderJson>[] {
  return [
    {
      title: 'Token',
      cell: ({ token, token_name: name }) => (
        <Link to={logPath(repository, { token })} class="name-link">
          <UserText text={name} class="clip" />
        </Link>
      ),
    },
    { title: 'Version', cell: ({ version }) => <UserText text={version} /> },
    { title: 'File', cell: ({ filename }) => <UserText text={filename} class="clip" /> },
    { title: 'Downloads', isFigure: true, cell: ({ downloads }) => count(downloads) },
    { title: 'Sent', isFigure: true, cell: ({ bandwidth }) => size(bandwidth) },
    { title: 'First', cell: ({ first_downloaded_at: at }) => <Instant at={at} /> },
    { title: 'Last', cell: ({ last_downloaded_at: at }) => <Instant at={at} /> },
  ]
}
