import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { cutElements, cutMembers } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'
import { placeOfLink } from './place.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes the indexes of a conda channel name packages in the folder where the client finds them, and only those that it may fetch. An index of
 * which nothing is left is empty: clients take a channel without one for broken. `base` is the URL of the storage, with a slash at its end;
 * undefined for a folder.
 */
export function createCondaRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind, filename } }) =>
      format === 'conda' && kind === 'metadata' && /\.json(?:\.zst)?$/.test(filename),
    rewrite: (document, order) => rewriteIndex(document, order, base),
    packing: ({ filename }) => (filename.endsWith('.zst') ? 'zstd' : undefined),
    pack: promisify(zstdCompress),
  }
}

/** Members whose keys are names of files. */
const PACKAGES: ReadonlySet<string> = new Set(['packages', 'packages.conda', 'signatures'])

/** Offsets of what is changed: the folder of packages has to be known before they are judged, and may be named behind them. */
interface Found {
  readonly lists: number[]
  readonly removed: number[]
  /** Folder of the packages below the storage, with a slash at its end. */
  folder: string
}

async function rewriteIndex(json: Buffer, order: DeliveryOrder, base: URL | undefined): Promise<Buffer> {
  const [reader, edits] = [createJsonReader(json), createEdits()]
  const { path, filename } = order.artifact
  const found: Found = { lists: [], removed: [], folder: path.slice(0, -filename.length) }
  const end = await reader.members(async (key) => {
    if (key === 'info') return changeInfo(reader, edits, order, base, found)
    if (PACKAGES.has(key)) found.lists.push(reader.at())
    if (key === 'removed') found.removed.push(reader.at())
    return reader.skip()
  })
  mustBe(end !== undefined)
  const { includes } = order
  if (includes !== undefined) await cut(reader, edits, found, (file) => includes(found.folder + file))
  return edits.apply(json)
}

async function cut(
  reader: JsonReader,
  edits: Edits,
  { lists, removed }: Found,
  keeps: (file: string) => boolean,
): Promise<void> {
  for (const at of lists) {
    reader.moveTo(at)
    mustBe(await cutMembers(reader, edits, async (file) => (await reader.skip(), keeps(file))))
  }
  for (const at of removed) {
    reader.moveTo(at)
    mustBe(await cutElements(reader, edits, async () => keeps((await reader.text()) ?? '')))
  }
}

/** Packages may lie elsewhere than beside the index (CEP 15). */
async function changeInfo(
  reader: JsonReader,
  edits: Edits,
  { artifact, baseUrl }: DeliveryOrder,
  base: URL | undefined,
  found: Found,
): Promise<void> {
  await reader.members(async (key) => {
    const start = reader.at()
    const url = key === 'base_url' ? await reader.text() : await reader.skip()
    if (typeof url !== 'string') return
    const place = placeOfLink(url, artifact.path, base)
    if (place === undefined) throw new SyntaxError("the index's base_url is no URL of the web")
    found.folder = place === '' || place.endsWith('/') ? place : `${place}/`
    edits.replace(start, reader.at(), JSON.stringify(baseUrl + encodePath(found.folder)))
  })
}

/** What is no list could name anything: it is not passed on unread. */
function mustBe(isList: boolean): void {
  if (!isList) throw new SyntaxError("the storage's index is no JSON object of lists")
}
