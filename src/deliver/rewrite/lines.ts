import { setImmediate as nextTurn } from 'node:timers/promises'

/** Judged in one go; a few milliseconds. */
const SLICE_BYTES = 16 * 1024

/** Lines that stay, and how many do not. */
export interface FilteredLines {
  readonly content: Buffer
  readonly kept: number
  readonly dropped: number
}

/**
 * Gives each line behind `from` to `change`, without its line break, and drops those for which that gives undefined, and empty ones. What comes
 * before `from` stays. Works in slices, so that others get their turn.
 */
export async function filterLines(
  document: Buffer,
  from: number,
  change: (line: string) => string | undefined,
): Promise<FilteredLines> {
  const pieces = [document.subarray(0, from)]
  let [at, kept, dropped] = [from, 0, 0]
  while (at < document.length) {
    const lines: string[] = []
    for (const rest = at + SLICE_BYTES; at < Math.min(rest, document.length);) {
      const end = endOfLine(document, at)
      const line = document.toString('utf8', at, end).trimEnd()
      const changed = line === '' ? undefined : change(line)
      if (changed !== undefined) lines.push(`${changed}\n`)
      else if (line !== '') dropped++
      at = end + 1
    }
    kept += lines.length
    pieces.push(Buffer.from(lines.join('')))
    await nextTurn()
  }
  return { content: Buffer.concat(pieces), kept, dropped }
}

/** Of the line break, or of the end. */
function endOfLine(document: Buffer, at: number): number {
  const end = document.indexOf(0x0a, at)
  return end === -1 ? document.length : end
}
