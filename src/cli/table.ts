import type { CliContext } from './dependencies.ts'
import { padEnd, padStart, shorten, signsFor, widthOf } from './text.ts'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly align?: 'right'
  /** So wide it is at least: where tables follow one another, their columns then stand below each other. */
  readonly least?: number
  /** May be cut to `FLEXIBLE_LEAST` columns. */
  readonly isFlexible?: true
  /** Left out where there is no room, lowest number first; without it the column always stands. */
  readonly keep?: number
}

/** How a table is fitted into what it is shown on. */
export interface TableOptions {
  /** Columns that lines may have; undefined: any. */
  readonly width?: number | undefined
  /** Stands where something is cut. */
  readonly more: string
}

/** As a terminal needs it. What is piped on is not cut. */
export function tableOptionsFor({ stdout, environment }: CliContext): TableOptions {
  const { more } = signsFor(stdout, environment.variables)
  return { width: stdout.isTerminal ? stdout.columns : undefined, more }
}

const GAP = 2
const FLEXIBLE_LEAST = 14

/**
 * Renders rows below their titles, in at most `width` columns where that can be had: first the least important columns go, then
 * the flexible ones are cut. Without a width nothing is lost. Ends in a line break.
 */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width = Infinity, more }: TableOptions,
): string {
  const measured = columns.map((column) => ({ column, width: naturalWidth(rows, column) }))
  const kept = dropColumns(measured, width)
  const excess = Math.max(0, totalOf(kept) - width)
  const fitted = kept.map(({ column, width: natural }) => ({
    column,
    width: column.isFlexible ? Math.max(leastOf(column, natural), natural - excess) : natural,
  }))
  const line = (cellOf: (column: Column<Row>) => string): string =>
    fitted
      .map(({ column, width: columns_ }) => fit(cellOf(column), columns_, column.align, more))
      .join(' '.repeat(GAP))
      .trimEnd()
  const lines = [line(({ title }) => title), ...rows.map((row) => line(({ cell }) => cell(row)))]
  return `${lines.join('\n')}\n`
}

interface Measured<Row> {
  readonly column: Column<Row>
  readonly width: number
}

function naturalWidth<Row>(rows: readonly Row[], { title, cell, least = 0 }: Column<Row>): number {
  const narrowest = Math.max(least, widthOf(title))
  return rows.reduce((widest, row) => Math.max(widest, widthOf(cell(row))), narrowest)
}

function dropColumns<Row>(measured: readonly Measured<Row>[], width: number): readonly Measured<Row>[] {
  const least = measured.map(({ column, width: natural }) => ({ column, width: leastOf(column, natural) }))
  if (totalOf(least) <= width) return measured
  const order = measured.flatMap(({ column }) => column.keep ?? [])
  if (order.length === 0) return measured
  const lowest = Math.min(...order)
  return dropColumns(
    measured.filter(({ column }) => column.keep !== lowest),
    width,
  )
}

function leastOf<Row>({ isFlexible }: Column<Row>, natural: number): number {
  return isFlexible ? Math.min(natural, FLEXIBLE_LEAST) : natural
}

function totalOf<Row>(measured: readonly Measured<Row>[]): number {
  return measured.reduce((sum, { width }) => sum + width + GAP, -GAP)
}

function fit(text: string, width: number, align: 'right' | undefined, more: string): string {
  const short = shorten(text, width, more)
  return align === 'right' ? padStart(short, width) : padEnd(short, width)
}

/** Renders `name  value` lines with the values below each other. A value of several lines stays in its column. */
export function renderFacts(
  facts: readonly (readonly [name: string, value: string])[],
  indent = '  ',
): string {
  const width = Math.max(0, ...facts.map(([name]) => widthOf(name)))
  const hanging = `\n${indent}${' '.repeat(width + GAP)}`
  return facts
    .map(([name, value]) => `${indent}${padEnd(name, width + GAP)}${value.replaceAll('\n', hanging)}\n`)
    .join('')
}
