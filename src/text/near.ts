/** The one of `known` that `given` was probably meant to be; undefined when nothing is near. Case, `-` and `_` don't count. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  const plain = normalise(given)
  let best: string | undefined
  let least = Math.max(1, Math.floor(plain.length / 3)) + 1
  for (const name of known) {
    const distance = editDistance(plain, normalise(name))
    if (distance < least) [best, least] = [name, distance]
  }
  return best
}

/** ` (did you mean X?)`, or nothing. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const near = nearest(given, known)
  return near === undefined ? '' : ` (did you mean ${near}?)`
}

function normalise(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll(/[-_]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const replaced = at(last, j - 1) + (same ? 0 : 1)
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : Infinity
      row.push(Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1, swapped))
    }
    ;[beforeLast, last] = [last, row]
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
