/** Cuts what is read of a log into lines. */
export interface LineCutter {
  /** The lines that are whole now, and how many bytes they have with their ends. */
  readonly push: (chunk: Buffer) => { readonly lines: readonly string[]; readonly bytes: number }
  /** Bytes of a line whose end is still to come. */
  readonly waiting: () => number
}

/** Longer ones are nobody's line; they are passed over. */
const LONGEST_LINE = 256 * 1024
const LINE_END = 10

export function createLineCutter(): LineCutter {
  let rest: Buffer = Buffer.alloc(0)
  return {
    push: (chunk) => {
      const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const end = all.lastIndexOf(LINE_END) + 1
      const isEndless = end === 0 && all.length > LONGEST_LINE
      rest = isEndless ? Buffer.alloc(0) : all.subarray(end)
      if (isEndless) return { lines: [], bytes: all.length }
      const lines = end === 0 ? [] : all.toString('utf8', 0, end - 1).split('\n')
      return { lines, bytes: end }
    },
    waiting: () => rest.length,
  }
}
