import type { ComponentChildren, VNode } from 'preact'

/** A column of a table of `Row`s. */
export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ComponentChildren
  /** Figures stand below one another. */
  readonly isFigure?: boolean
  /** By what the list can be sorted here; see `sorting`. */
  readonly order?: string
}

/** How a table is sorted, and what to do about it. */
export interface Sorting {
  /** Name of an order, `-` before it for backwards. */
  readonly current: string
  readonly onSort: (order: string) => void
}

interface TableProps<Row> {
  /** What the table shows. Read out, not shown. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly sorting?: Sorting
}

/** A table; on a narrow screen a card for each row. Roles are said because what is no longer laid out as a table would cease to be one. */
export function Table<Row>({ caption, columns, rows, keyOf, sorting }: TableProps<Row>): VNode {
  return (
    <table class="table" role="table">
      <caption class="off-screen">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <Header key={column.title} column={column} sorting={sorting} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr role="row" key={keyOf(row)}>
            {columns.map(({ title, cell, isFigure = false }) => (
              <td role="cell" key={title} class={isFigure ? 'figure' : undefined} data-title={title}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface HeaderProps<Row> {
  readonly column: Column<Row>
  readonly sorting: Sorting | undefined
}

function Header<Row>({ column, sorting }: HeaderProps<Row>): VNode {
  const { title, order, isFigure = false } = column
  const className = isFigure ? 'figure' : undefined
  if (order === undefined || sorting === undefined)
    return (
      <th role="columnheader" scope="col" class={className}>
        {title}
      </th>
    )
  const { current, onSort } = sorting
  const [isUp, isDown] = [current === order, current === `-${order}`]
  return (
    <th
      role="columnheader"
      scope="col"
      class={className}
      aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}
    >
      <button type="button" class="sort" onClick={() => onSort(isUp ? `-${order}` : order)}>
        {title}
        <span aria-hidden="true">{isUp ? ' ↑' : isDown ? ' ↓' : ''}</span>
      </button>
    </th>
  )
}
