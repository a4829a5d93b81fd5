/** Progress goes to standard error, so that standard output is the tables and nothing else. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

/** The value that a share of the values, which are sorted, does not exceed; NaN: there are none. */
export function atShare(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

/** A number for a table, with as many digits as mean something. */
export function whole(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}

export function short(value: number): string {
  return value >= 100 ? whole(value) : value.toFixed(value >= 10 ? 1 : 2)
}

/** Markdown, aligned as oxfmt does it: words left, numbers right. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column > 0)).join(' | ')} |`
  const rule = widths.map((width, column) => (column > 0 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

function pad(text: string, width: number, isRight: boolean): string {
  return isRight ? text.padStart(width) : text.padEnd(width)
}
