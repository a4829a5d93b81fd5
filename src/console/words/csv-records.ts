/** Records of CSV as Postern writes it: each text in quotes, a line break behind each record. */
const RECORD = /(?:"(?:[^"]|"")*"|[^"\r\n])+/g
const CELL = /(?:^|,)("(?:[^"]|"")*"|[^,]*)/g

/** Of an export, the head and the records whose `slug_perm` is among `ids`; as they were. */
export function keepRecords(csv: string, ids: ReadonlySet<string>): readonly string[] {
  const [head = '', ...records] = csv.match(RECORD) ?? []
  const column = cellsOf(head).indexOf('slug_perm')
  return [head, ...records.filter((record) => ids.has(cellsOf(record)[column] ?? ''))]
}

function cellsOf(record: string): readonly string[] {
  return [...record.matchAll(CELL)].map(([, cell = '']) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  )
}
