import type { Edits } from './edits.ts'
import type { JsonReader } from './json-reader.ts'

/**
 * Cuts members that `keeps` does not want out of the object that `reader` is at, with the commas that would be left over. `keeps` has to move
 * behind the value. Moves behind the object; false, with the value skipped, for what is none.
 */
export async function cutMembers(
  reader: JsonReader,
  edits: Edits,
  keeps: (key: string) => Promise<boolean>,
): Promise<boolean> {
  const cutting = createCutting(reader, edits)
  return cutting.close(await reader.members(async (key, start) => cutting.pass(start, await keeps(key))))
}

/** The same for the elements of an array. */
export async function cutElements(
  reader: JsonReader,
  edits: Edits,
  keeps: () => Promise<boolean>,
): Promise<boolean> {
  const cutting = createCutting(reader, edits)
  return cutting.close(await reader.elements(async (start) => cutting.pass(start, await keeps())))
}

/** Is told of each entry, in their order, with the reader behind it. */
interface Cutting {
  readonly pass: (start: number, isKept: boolean) => void
  /** `closing`: offset of the bracket at the end; undefined, and so false, for what is no list. */
  readonly close: (closing: number | undefined) => boolean
}

function createCutting(reader: JsonReader, edits: Edits): Cutting {
  let lastEnd = reader.at() + 1
  let hasKept = false
  let hasGap = false
  return {
    pass: (start, isKept) => {
      if (isKept) {
        if (hasGap) edits.replace(lastEnd, start, hasKept ? ',' : '')
        lastEnd = reader.at()
        hasKept = true
      }
      hasGap = !isKept
    },
    close: (closing) => {
      if (hasGap && closing !== undefined) edits.replace(lastEnd, closing, '')
      return closing !== undefined
    },
  }
}
