import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { readPage } from '../../api/list.ts'
import type { PackageJson, RepositoryJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
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
import { PurgeButton } from '../cache/purge-button.tsx'
import { NotFound } from '../not-found.tsx'
import type { PageProps } from '../page.ts'
import { logPath, packagePath, usagePath } from '../paths.ts'
import { repositoryOf } from './repository-params.ts'

const PAGE_SIZE = 30

/** Packages of a repository, as far as somebody downloaded them. */
export function UsagePage({ params, query }: PageProps): VNode {
  const { repositories, rights } = useSession()
  const repository = repositoryOf(params, repositories)
  if (repository === undefined) return <NotFound />
  const [typed, page] = [query.get('q') ?? '', readPageNumber(query)]
  return (
    <div class="page">
      <p class="crumbs">
        <Link to="/">Overview</Link>
      </p>
      <div class="row head">
        <h1 class="breakable">{`Usage of ${repositoryName(repository)}`}</h1>
        <div class="row">
          {rights.can('tokens:read') ? (
            <Link to={logPath(repository)} class="button button-plain">
              Single downloads
            </Link>
          ) : null}
          <PurgeButton place={repositoryName(repository)} />
        </div>
      </div>
      <UsedPackages key={typed} repository={repository} typed={typed} page={page} />
    </div>
  )
}

interface UsedPackagesProps {
  readonly repository: RepositoryJson
  readonly typed: string
  readonly page: number
}

function UsedPackages({ repository, typed, page }: UsedPackagesProps): VNode {
  const { api, rights } = useSession()
  const path = ['packages', repository.namespace, repository.name]
  useTitle(`Usage of ${repositoryName(repository)}`)
  const loaded = useLoad(`${path.join('/')} ${typed} ${page}`, (signal) =>
    readPage<PackageJson>(api, { path, query: { query: typed, page, page_size: PAGE_SIZE }, signal }),
  )
  const go = (q: string, next = 1): void =>
    navigate(withQuery(usagePath(repository), { q, page: writePageNumber(next) }))
  return (
    <>
      <Search typed={typed} onSearch={go} />
      <div class="card">
        <LoadedPart of={loaded} what="packages">
          {(found) =>
            found.items.length === 0 ? (
              <p class="empty">
                {typed === '' ? 'No package was downloaded with a token yet.' : 'No package fits.'}
              </p>
            ) : (
              <>
                <Table
                  caption="Packages"
                  columns={columnsFor(repository, rights.can('tokens:read'))}
                  rows={found.items}
                  keyOf={({ slug_perm: id }) => id}
                />
                <Pager of={found} noun="package" onPage={(next) => go(typed, next)} />
              </>
            )
          }
        </LoadedPart>
      </div>
    </>
  )
}

function Search({
  typed,
  onSearch,
}: {
  readonly typed: string
  readonly onSearch: (q: string) => void
}): VNode {
  const [text, setText] = useState(typed)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    onSearch(text.trim())
  }
  return (
    <form class="filters-search" role="search" aria-label="Packages" onSubmit={submit}>
      <TextField label="Package" type="search" placeholder="Part of a name" value={text} onInput={setText} />
      <Button type="submit" kind="primary">
        Search
      </Button>
    </form>
  )
}

function columnsFor(repository: RepositoryJson, seesPeople: boolean): readonly Column<PackageJson>[] {
  const leadsOn = (name: string, version: string, shown: string): VNode =>
    seesPeople ? (
      <Link to={packagePath(repository, name, version)}>
        <UserText text={shown} />
      </Link>
    ) : (
      <UserText text={shown} />
    )
  return [
    { title: 'Package', cell: ({ name }) => leadsOn(name, '', name) },
    {
      title: 'Version',
      cell: ({ name, version }) => (version === '' ? '' : leadsOn(name, version, version)),
    },
    { title: 'File', cell: ({ filename }) => <UserText text={filename} class="clip" /> },
    { title: 'Downloads', isFigure: true, cell: ({ downloads }) => count(downloads) },
    { title: 'Sent', isFigure: true, cell: ({ bandwidth }) => size(bandwidth) },
    { title: 'Last', cell: ({ last_downloaded_at: at }) => <Instant at={at} /> },
  ]
}
