import { formatSeconds } from './instants.ts'
import { isObject, readFields } from './json-fields.ts'
import { renderTable, type Column, type TableOptions } from './table.ts'
import { clean, NOTHING } from './text.ts'

interface ViewOptions extends TableOptions {
  /** Below each line what changed. */
  readonly withDetails: boolean
}

interface Line {
  readonly at: string
  readonly actor: string
  readonly address: string
  readonly event: string
  readonly place: string
  readonly object: string
  readonly id: string
  readonly changes: readonly string[]
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'WHEN', cell: ({ at }) => at },
  { title: 'WHO', cell: ({ actor }) => actor, isFlexible: true },
  { title: 'FROM', cell: ({ address }) => address, keep: 1 },
  { title: 'WHAT', cell: ({ event }) => event },
  { title: 'WHERE', cell: ({ place }) => place, keep: 3 },
  { title: 'OBJECT', cell: ({ object }) => object, isFlexible: true },
  { title: 'ID', cell: ({ id }) => id, keep: 2 },
]

/** Lines of the audit log. @throws CliError for what is none. */
export function renderAudit(entries: readonly unknown[], options: ViewOptions): string {
  return render(entries, COLUMNS, options)
}

/** Common widths, which fit into 80 columns together: so most lines that come later stand below the others. */
const LEAST: Readonly<Record<string, number>> = { WHO: 10, FROM: 12, WHAT: 19, WHERE: 11, OBJECT: 11 }
const FOLLOWED = COLUMNS.map((column) => ({ ...column, least: LEAST[column.title] ?? 0 }))

/** The same of lines that come behind others: the titles stand above the first only. */
export function createAuditRoll(options: ViewOptions): (entries: readonly unknown[]) => string {
  let isFirst = true
  return (entries) => {
    const table = render(entries, FOLLOWED, options)
    const shown = isFirst ? table : table.slice(table.indexOf('\n') + 1)
    isFirst = false
    return shown
  }
}

function render(entries: readonly unknown[], columns: readonly Column<Line>[], options: ViewOptions): string {
  const lines = entries.map(readLine)
  const table = renderTable(lines, columns, options)
  if (!options.withDetails) return table
  const [titles = '', ...rows] = table.trimEnd().split('\n')
  const detailed = rows.flatMap((row, index) => [
    row,
    ...(lines[index]?.changes ?? []).map((each) => `    ${each}`),
  ])
  return `${[titles, ...detailed].join('\n')}\n`
}

function readLine(entry: unknown): Line {
  const { text, raw } = readFields(entry)
  return {
    at: formatSeconds(text('event_at')),
    actor: text('actor') ?? NOTHING,
    address: text('actor_ip_address') ?? NOTHING,
    // What stands before each of a kind tells nothing in a table.
    event: (text('event') ?? NOTHING).replace(/^repo\.(?=entitlement\.)/, ''),
    place: text('target') ?? NOTHING,
    object: text('object') ?? NOTHING,
    id: text('object_slug_perm') ?? NOTHING,
    changes: readChanges(raw('changes')),
  }
}

function readChanges(changes: unknown): string[] {
  if (!isObject(changes)) return []
  return Object.entries(changes).map(([name, change]) => {
    const { raw } = readFields(change)
    return clean(`${name}: ${JSON.stringify(raw('before'))} -> ${JSON.stringify(raw('after'))}`)
  })
}
