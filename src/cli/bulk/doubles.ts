import type { FileRow } from './row-file.ts'

const MOST_NAMED = 20

/**
 * Rows that are about the same token as an earlier one, or have its secret, in words. The API sees so much only within a request, and a file
 * may need several.
 */
export function doubles(rows: readonly FileRow[], match: 'name' | 'secret'): readonly string[] {
  const [seen, secrets] = [new Map<string, number>(), new Map<string, number>()]
  const found = rows.flatMap(({ field }, index) => {
    const row = index + 1
    const [id, name, secret] = [field('slug_perm'), field('name'), field('token')]
    const key =
      id === undefined
        ? match === 'name' && name !== undefined
          ? `name ${String(name)}`
          : undefined
        : `id ${String(id)}`
    const earlier = first(seen, key, row)
    if (earlier !== undefined) return [`  row ${row}: row ${earlier} is about the same token`]
    const sharer = first(secrets, typeof secret === 'string' && secret !== 'null' ? secret : undefined, row)
    return sharer === undefined ? [] : [`  row ${row}: row ${sharer} has the same secret`]
  })
  const more = found.length - MOST_NAMED
  return more > 0 ? [...found.slice(0, MOST_NAMED), `  and ${more} more`] : found
}

/** The row that had it before; else this one has it now. */
function first(seen: Map<string, number>, key: string | undefined, row: number): number | undefined {
  const earlier = key === undefined ? undefined : seen.get(key)
  if (key !== undefined && earlier === undefined) seen.set(key, row)
  return earlier
}
