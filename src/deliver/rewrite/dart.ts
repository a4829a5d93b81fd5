import { pubOrder } from '../../policy/versions/pub.ts'
import type { DeliveryOrder } from '../contract.ts'
import { archiveUrl, changeArchiveUrl, readArchiveEntry, type ArchiveEntry } from './archive-entry.ts'
import { cutElements } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'
import type { Rewriter } from './rewriting.ts'

/**
 * Makes what a repository of Dart packages says of a package name archives below the client's own way in, where pub sends its token along, and only
 * those that it may fetch. `base` is the URL of the storage, with a slash at its end; undefined for a folder.
 */
export function createDartRewriter(base: URL | undefined): Rewriter {
  return {
    concerns: ({ artifact: { format, kind, name, path } }) =>
      format === 'dart' && kind === 'metadata' && name !== undefined && !path.endsWith('/advisories'),
    rewrite: (document, order) =>
      order.artifact.version === undefined
        ? rewriteVersions(document, base, order)
        : rewriteVersion(document, base, order),
  }
}

async function rewriteVersion(
  document: Buffer,
  base: URL | undefined,
  order: DeliveryOrder,
): Promise<Buffer | undefined> {
  const edits = createEdits()
  const entry = await readArchiveEntry(createJsonReader(document), KEY)
  return changeArchiveUrl(entry, base, order, edits) ? edits.apply(document) : undefined
}

const KEY = 'archive_url'

async function rewriteVersions(
  document: Buffer,
  base: URL | undefined,
  order: DeliveryOrder,
): Promise<Buffer | undefined> {
  const [reader, edits] = [createJsonReader(document), createEdits()]
  const latest: ArchiveEntry[] = []
  const kept: ArchiveEntry[] = []
  const end = await reader.members(async (key) => {
    if (key === 'latest') latest.push(await readArchiveEntry(reader, KEY))
    else if (key === 'versions') kept.push(...(await cutVersions(reader, edits, base, order)))
    else await reader.skip()
  })
  if (end === undefined) throw new SyntaxError('what the storage says of a package is no JSON object')
  const highest = kept.toSorted(compareVersions).at(-1)
  if (highest === undefined) return undefined
  for (const entry of latest) {
    if (changeArchiveUrl(entry, base, order, edits)) continue
    edits.replace(entry.start, entry.end, written(document, highest, archiveUrl(highest, base, order)))
  }
  return edits.apply(document)
}

async function cutVersions(
  reader: JsonReader,
  edits: Edits,
  base: URL | undefined,
  order: DeliveryOrder,
): Promise<ArchiveEntry[]> {
  const kept: ArchiveEntry[] = []
  const isArray = await cutElements(reader, edits, async () => {
    const entry = await readArchiveEntry(reader, KEY)
    const isKept = changeArchiveUrl(entry, base, order, edits)
    if (isKept) kept.push(entry)
    return isKept
  })
  // What is no list could name anything.
  if (!isArray) throw new SyntaxError("the storage's list of versions is no JSON array")
  return kept
}

/** Releases above what comes before them: pub's latest is no prerelease where there is a release. */
function compareVersions(a: ArchiveEntry, b: ArchiveEntry): number {
  const [x, y] = [pubOrder.parse(a.version), pubOrder.parse(b.version)]
  if (x === undefined || y === undefined) return Number(x !== undefined) - Number(y !== undefined)
  const isEarly = [pubOrder.isPrerelease(x), pubOrder.isPrerelease(y)]
  return Number(isEarly[1]) - Number(isEarly[0]) || pubOrder.compare(x, y)
}

/** The text of an entry with another URL. */
function written(document: Buffer, { start, end, url }: ArchiveEntry, place: string | undefined): string {
  const [from, to] = [url?.start ?? start, url?.end ?? start]
  return document.toString('utf8', start, from) + JSON.stringify(place) + document.toString('utf8', to, end)
}
