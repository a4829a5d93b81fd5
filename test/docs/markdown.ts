/** A table as the formatter leaves it; the first row is its head. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('')
}

/** The text with another content between the two comments that mark `part`. */
export function replacePart(text: string, part: string, content: string): string {
  const [begin, end] = [`<!-- ${part}: written by \`npm run docs\` -->`, `<!-- end of ${part} -->`]
  const [before = '', rest = ''] = text.split(begin)
  const [, after = ''] = rest.split(end)
  return `${before}${begin}\n\n${content}\n${end}${after}`
}
