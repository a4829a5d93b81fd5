import type { VNode } from 'preact'
import { apiUrl } from '../../api/client.ts'
import { splitFieldProblems } from '../../api/field-problems.ts'
import type { DownloadJson, RepositoryJson } from '../../api/types.ts'
import { useLoad } from '../../api/use-load.ts'
import { Button } from '../../parts/button.tsx'
import { LoadedPart, Section } from '../../parts/section.tsx'
import { Table } from '../../parts/table.tsx'
import { Link } from '../../router/link.tsx'
import { navigate } from '../../router/location.ts'
import { useSession } from '../../session/context.ts'
import { useTitle } from '../../shell/use-title.ts'
import { repositoryName } from '../../words/places.ts'
import { NotFound } from '../not-found.tsx'
import type { PageProps } from '../page.ts'
import { logPath, usagePath } from '../paths.ts'
import { logColumns } from './log-columns.tsx'
import { LogFilters, NOTHING } from './log-filters.tsx'
import { logParameters, nextCursor, readLogQuery, type LogQuery } from './log-query.ts'
import { repositoryOf } from './repository-params.ts'

const PAGE_SIZE = 50

/** Single downloads of a repository, newest first, and all of them as a file. */
export function LogPage({ params, query }: PageProps): VNode {
  const { repositories } = useSession()
  const repository = repositoryOf(params, repositories)
  useTitle('Downloads')
  if (repository === undefined) return <NotFound />
  const name = repositoryName(repository)
  return (
    <div class="page">
      <p class="crumbs">
        <Link to={usagePath(repository)}>{`Usage of ${name}`}</Link>
      </p>
      <h1 class="breakable">{`Downloads from ${name}`}</h1>
      <Log repository={repository} asked={readLogQuery(query)} />
    </div>
  )
}

interface LogProps {
  readonly repository: RepositoryJson
  readonly asked: LogQuery
}

function Log({ repository, asked }: LogProps): VNode {
  const { api } = useSession()
  const path = ['downloads', repository.namespace, repository.name]
  const parameters = logParameters(asked)
  const loaded = useLoad(`${path.join('/')} ${JSON.stringify(asked)}`, async (signal) => {
    const { body, headers } = await api({ path, query: { ...parameters, page_size: PAGE_SIZE }, signal })
    return { records: body as readonly DownloadJson[], next: nextCursor(headers.get('Link')) }
  })
  const { problemOf, rest } = splitFieldProblems(loaded, Object.keys(NOTHING))
  const go = (change: Partial<LogQuery>): void =>
    navigate(logPath(repository, { ...asked, cursor: '', ...change }))
  const exported = (format: string): string =>
    apiUrl({ path, query: { ...parameters, cursor: undefined, format } })
  return (
    <>
      <LogFilters
        key={JSON.stringify({ ...asked, cursor: '' })}
        asked={asked}
        problemOf={problemOf}
        onChange={go}
      />
      <Section
        title={asked.cursor === '' ? 'Newest first' : 'Older ones'}
        tools={
          <span class="row">
            <a href={exported('csv')} download>
              All as CSV
            </a>
            <a href={exported('jsonl')} download>
              As JSON lines
            </a>
          </span>
        }
      >
        <LoadedPart of={rest} what="downloads">
          {({ records, next }) => (
            <>
              {records.length === 0 ? (
                <p class="empty">No download that fits is on record.</p>
              ) : (
                <Table
                  caption="Downloads"
                  columns={logColumns((change) => go(change))}
                  rows={records}
                  keyOf={({ id }) => id}
                />
              )}
              <div class="row">
                {asked.cursor === '' ? null : <Button onClick={() => go({})}>Newest</Button>}
                {next === undefined ? null : <Button onClick={() => go({ cursor: next })}>Older</Button>}
              </div>
            </>
          )}
        </LoadedPart>
      </Section>
    </>
  )
}
