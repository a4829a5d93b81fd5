/** What a value lost and gained, as lines. */
export interface ValueDiff {
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** Compares two values of a field. Of lists and objects only the lines that differ are told, unless nothing but their order does. */
export function diffValues(before: unknown, after: unknown): ValueDiff {
  const [old, fresh] = [linesOf(before), linesOf(after)]
  const removed = without(old, fresh)
  const added = without(fresh, old)
  return removed.length === 0 && added.length === 0 ? { removed: old, added: fresh } : { removed, added }
}

/** The lines of one that the other has not, as often as it has not. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

function linesOf(value: unknown): readonly string[] {
  if (value === null || value === undefined) return ['nothing']
  if (Array.isArray(value)) return value.length === 0 ? ['none'] : value.flatMap(textOf)
  return textOf(value)
}

function textOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value === '' ? 'empty' : value]
  if (typeof value !== 'object' || value === null) return [String(value)]
  const entries = Object.entries(value)
  if (entries.length === 0) return ['{}']
  return entries.map(([key, each]) => `${key}: ${typeof each === 'string' ? each : JSON.stringify(each)}`)
}
