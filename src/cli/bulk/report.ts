import type { CliContext } from '../dependencies.ts'
import { renderTable, tableOptionsFor, type Column } from '../table.ts'
import { NOTHING } from '../text.ts'
import { counted } from '../../text/counted.ts'
import type { RowOutcome, RowResult } from './parts.ts'

/** Lines that a person may want to read; a pipe gets all. */
const MOST_SHOWN = 50

const ROW: Column<RowOutcome> = { title: 'ROW', cell: ({ row }) => String(row), align: 'right' }
const COLUMNS: readonly Column<RowOutcome>[] = [
  ROW,
  { title: 'RESULT', cell: ({ result }) => result },
  { title: 'NAME', cell: ({ name }) => name ?? NOTHING, isFlexible: true },
]
const SECRET: Column<RowOutcome> = { title: 'TOKEN', cell: ({ secret }) => secret ?? NOTHING }
const WHAT: Column<RowOutcome> = {
  title: 'WHAT',
  cell: ({ changes, mistakes }) => [...changes, ...mistakes].join(', '),
  isFlexible: true,
}

export interface ReportOptions {
  readonly isDryRun: boolean
  readonly withSecrets: boolean
}

/** How many of each there are. */
export function countResults(outcomes: readonly RowOutcome[]): Readonly<Record<RowResult, number>> {
  const count = (result: RowResult): number => outcomes.filter((each) => each.result === result).length
  return {
    created: count('created'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    deleted: count('deleted'),
    failed: count('failed'),
  }
}

/** What can't be done, one line each; then how many more there are. */
export function renderMistakes(outcomes: readonly RowOutcome[]): string {
  const failed = outcomes.filter(({ result }) => result === 'failed')
  const lines = failed
    .slice(0, MOST_SHOWN)
    .map(({ row, mistakes }) => `  row ${row}: ${mistakes.join('\n    ')}\n`)
  const more = failed.length - lines.length
  return lines.join('') + (more > 0 ? `  and ${more} more (--json shows all)\n` : '')
}

/** What was done, or would be: a table of it, and a summary. */
export function printReport(
  context: CliContext,
  outcomes: readonly RowOutcome[],
  { isDryRun, withSecrets }: ReportOptions,
): void {
  const { stdout, stderr } = context
  const done = outcomes.filter(({ result, secret }) =>
    withSecrets ? secret !== null : result !== 'failed' && result !== 'unchanged',
  )
  const shown = stdout.isTerminal ? done.slice(0, MOST_SHOWN) : done
  const columns = withSecrets ? [...COLUMNS, SECRET, WHAT] : [...COLUMNS, WHAT]
  if (shown.length > 0) stdout.write(renderTable(shown, columns, tableOptionsFor(context)))
  if (shown.length < done.length) stdout.write(`and ${done.length - shown.length} more (--json shows all)\n`)
  stderr.write(`${summarise(outcomes, isDryRun)}\n`)
}

function summarise(outcomes: readonly RowOutcome[], isDryRun: boolean): string {
  const { created, changed, deleted, unchanged, failed } = countResults(outcomes)
  const parts = [
    `${created} ${isDryRun ? 'would be ' : ''}created`,
    `${changed} changed`,
    `${deleted} deleted`,
    `${unchanged} left as they are`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ]
  const tail = isDryRun ? ' Nothing was changed.' : ''
  return `${counted(outcomes.length, 'row')}: ${parts.join(', ')}.${tail}`
}
