import type { DeliveryOrder } from '../contract.ts'
import { changeArchiveUrl, readArchiveEntry } from './archive-entry.ts'
import { cutElements } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes the metadata of a box name files below the client's own way in, and only those that it may fetch. `base` is the URL of the storage, with a
 * slash at its end; undefined for a folder.
 */
export function createVagrantRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind } }) => format === 'vagrant' && kind === 'metadata',
    rewrite: async (document, order) => {
      const [reader, edits] = [createJsonReader(document), createEdits()]
      const found = { kept: 0 }
      const end = await reader.members(async (key) => {
        if (key !== 'versions') return reader.skip()
        mustBe(await cutElements(reader, edits, () => changeVersion(reader, edits, base, order, found)))
        return undefined
      })
      mustBe(end !== undefined)
      return found.kept === 0 ? undefined : edits.apply(document)
    },
  }
}

/** A version stays while one of its files does. */
async function changeVersion(
  reader: JsonReader,
  edits: Edits,
  base: URL | undefined,
  order: DeliveryOrder,
  found: { kept: number },
): Promise<boolean> {
  const [before, kept] = [edits.count(), found.kept]
  const end = await reader.members(async (key) => {
    if (key !== 'providers') return reader.skip()
    const isArray = await cutElements(reader, edits, async () => {
      const isKept = changeArchiveUrl(await readArchiveEntry(reader, 'url'), base, order, edits)
      if (isKept) found.kept++
      return isKept
    })
    mustBe(isArray)
    return undefined
  })
  mustBe(end !== undefined)
  if (found.kept === kept) edits.keep(before)
  return found.kept > kept
}

/** What is built otherwise could name anything: it is not passed on unread. */
function mustBe(isSo: boolean): void {
  if (!isSo) throw new SyntaxError('what the storage says of a box is no metadata that Vagrant would read')
}
