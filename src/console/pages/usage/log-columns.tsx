import type { VNode } from 'preact'
import type { DownloadJson } from '../../api/types.ts'
import { Instant } from '../../parts/instant.tsx'
import type { Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { size } from '../../words/figures.ts'
import { downloadTitle, type LogQuery } from './log-query.ts'

export const WHEN: Column<DownloadJson> = { title: 'When', cell: ({ time }) => <Instant at={time} /> }

/** Which program asked, and what it got. */
export const ANSWERED: readonly Column<DownloadJson>[] = [
  { title: 'Program', cell: ({ user_agent: agent }) => <UserText text={agent ?? 'unknown'} class="clip" /> },
  { title: 'Answer', cell: ({ status }) => status ?? 'given back' },
  { title: 'Sent', isFigure: true, cell: ({ bytes }) => size(bytes) },
]

/** Columns of the log; what a cell shows narrows it to the same. */
export function logColumns(narrow: (change: Partial<LogQuery>) => void): readonly Column<DownloadJson>[] {
  const narrowing = (shown: string, change: Partial<LogQuery>): VNode => (
    <button type="button" class="cell-button" onClick={() => narrow(change)}>
      <UserText text={shown} class="clip" />
    </button>
  )
  return [
    WHEN,
    { title: 'Token', cell: ({ token, token_name: name }) => narrowing(name, { token }) },
    { title: 'Package', cell: (each) => packageCell(each, narrowing) },
    { title: 'Client', cell: ({ client }) => narrowing(client, { client }) },
    ...ANSWERED,
  ]
}

function packageCell(
  each: DownloadJson,
  narrowing: (shown: string, change: Partial<LogQuery>) => VNode,
): VNode {
  const { package: name, version } = each
  return name === null ? (
    <UserText text={downloadTitle(each)} class="clip" />
  ) : (
    narrowing(downloadTitle(each), { package: name, version: version ?? '' })
  )
}
