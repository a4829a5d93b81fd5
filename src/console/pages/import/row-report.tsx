import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { BulkReportJson, BulkRowJson } from '../../api/types.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { Section } from '../../parts/section.tsx'
import { Table, type Column } from '../../parts/table.tsx'
import { UserText } from '../../parts/user-text.tsx'
import { count } from '../../words/figures.ts'
import type { Tone } from '../../words/state.ts'
import { whyFailed } from '../bulk/change-many.ts'

type Result = BulkRowJson['result']

const RESULTS: readonly (readonly [result: Result, title: string, tone: Tone])[] = [
  ['failed', 'Can’t be done', 'bad'],
  ['created', 'New', 'good'],
  ['changed', 'Changed', 'good'],
  ['deleted', 'Deleted', 'warning'],
  ['skipped', 'Passed over', 'quiet'],
  ['unchanged', 'As before', 'quiet'],
]
const SHOWN = 100

/** What became of each row of a file, or would; what can't be done first. */
export function RowReport({ report }: { readonly report: BulkReportJson }): VNode {
  const [most, setMost] = useState(SHOWN)
  const order = (row: BulkRowJson): number => RESULTS.findIndex(([result]) => result === row.result)
  const rows = report.rows.toSorted((one, other) => order(one) - order(other) || one.row - other.row)
  return (
    <Section title={report.dry_run ? 'What would happen' : 'What was done'}>
      <p role="status">
        {report.dry_run ? 'Nothing was changed yet. ' : ''}
        {RESULTS.filter(([result]) => report[result] > 0)
          .map(([result, title]) => `${title}: ${count(report[result])}`)
          .join(', ')}
        .
      </p>
      <Table caption="Rows" columns={COLUMNS} rows={rows.slice(0, most)} keyOf={({ row }) => String(row)} />
      {rows.length > most ? (
        <div class="row">
          <Button onClick={() => setMost(most + 1_000)}>Show more of {count(rows.length)} rows</Button>
        </div>
      ) : null}
    </Section>
  )
}

const COLUMNS: readonly Column<BulkRowJson>[] = [
  {
    title: 'Line',
    cell: ({ row, line }) => <span class="nowrap">{line === undefined ? `Row ${row}` : `Line ${line}`}</span>,
  },
  { title: 'Result', cell: ({ result }) => <ResultBadge result={result} /> },
  {
    title: 'Token',
    cell: ({ name }) =>
      name === undefined ? <span class="muted">not known</span> : <UserText text={name} class="clip" />,
  },
  { title: 'What', cell: (row) => <What row={row} /> },
]

function ResultBadge({ result }: { readonly result: Result }): VNode {
  const [, title = result, tone = 'quiet'] = RESULTS.find(([each]) => each === result) ?? []
  return <Badge tone={tone} title={title} />
}

function What({ row }: { readonly row: BulkRowJson }): VNode {
  if (row.result === 'failed') return <UserText text={whyFailed(row)} class="problem" />
  return <span class="muted">{(row.changes ?? []).join(', ').replaceAll('_', ' ')}</span>
}
