import { setImmediate as nextTurn } from 'node:timers/promises'

/** Pieces that are joined in one go. */
const SLICE = 4096

/** Changes to a text that otherwise stays byte for byte. */
export interface Edits {
  /** Puts `text` in place of the bytes from `start` to `end`. Changes must not overlap, and may come in any order. */
  readonly replace: (start: number, end: number, text: string) => void
  /** How many changes there are. */
  readonly count: () => number
  /** Forgets all but the first `count` changes. */
  readonly keep: (count: number) => void
  /** The text with the changes made. Works in slices, so that others get their turn. */
  readonly apply: (text: Buffer) => Promise<Buffer>
}

export function createEdits(): Edits {
  const edits: { start: number; end: number; text: string }[] = []
  return {
    replace: (start, end, text) => edits.push({ start, end, text }),
    count: () => edits.length,
    keep: (count) => (edits.length = count),
    apply: async (text) => {
      if (edits.length === 0) return text
      const slices: Buffer[] = []
      let pieces: Buffer[] = []
      let from = 0
      for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
        pieces.push(text.subarray(from, edit.start), Buffer.from(edit.text))
        from = edit.end
        if (pieces.length < SLICE) continue
        slices.push(Buffer.concat(pieces))
        pieces = []
        await nextTurn()
      }
      return Buffer.concat([...slices, ...pieces, text.subarray(from)])
    },
  }
}
