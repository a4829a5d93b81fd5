import { cutElements } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'
import type { RewriteLink, RewrittenPage } from './links.ts'

/** What was found out about the files of a page. */
interface Found {
  /** Versions that the names of files may have, which stay. */
  readonly versions: Set<string>
  kept: number
  dropped: number
}

/**
 * Changes the URLs of files in a page to what `rewriteLink` gives, cuts files without one off, and versions (PEP 700) of which no file is left. Every
 * other byte stays.
 */
export async function rewritePythonJson(json: Buffer, rewriteLink: RewriteLink): Promise<RewrittenPage> {
  const [reader, edits] = [createJsonReader(json), createEdits()]
  const found: Found = { versions: new Set(), kept: 0, dropped: 0 }
  const versions: number[] = []
  await reader.members(async (key) => {
    if (key === 'files') return cutFiles(reader, edits, rewriteLink, found)
    if (key === 'versions') versions.push(reader.at())
    return reader.skip()
  })
  if (found.dropped > 0) for (const at of versions) await cutVersions(reader, edits, at, found.versions)
  return { content: await edits.apply(json), files: found.kept }
}

async function cutFiles(
  reader: JsonReader,
  edits: Edits,
  rewriteLink: RewriteLink,
  found: Found,
): Promise<void> {
  const isArray = await cutElements(reader, edits, async () => {
    const before = edits.count()
    const filename = await changeFile(reader, edits, rewriteLink)
    if (filename === undefined) {
      edits.keep(before)
      found.dropped++
    } else {
      found.kept++
      for (const version of versionsIn(filename)) found.versions.add(version)
    }
    return filename !== undefined
  })
  // What is no list could name anything.
  if (!isArray) throw new SyntaxError("the storage's list of files is no JSON array")
}

/** Moves behind a file; gives its name, undefined unless all its URLs lead somewhere. */
async function changeFile(
  reader: JsonReader,
  edits: Edits,
  rewriteLink: RewriteLink,
): Promise<string | undefined> {
  let filename = ''
  const places: (string | undefined)[] = []
  await reader.members(async (key) => {
    const start = reader.at()
    const value = await reader.text()
    if (key === 'filename') filename = value ?? ''
    if (value === undefined || (key !== 'url' && key !== 'provenance')) return
    const place = rewriteLink(value)
    if (key === 'url') places.push(place)
    edits.replace(start, reader.at(), JSON.stringify(place ?? null))
  })
  return places.length > 0 && places.every((place) => place !== undefined) ? filename : undefined
}

const SOURCE = /\.(?:tar\.(?:gz|bz2|xz|Z)|tgz|zip)$/
const MOST_PARTS = 8

/** What a file name may have as its version: of a source archive all that follows a dash. */
function versionsIn(filename: string): string[] {
  const parts = filename.replace(SOURCE, '').split('-').slice(1, MOST_PARTS)
  const ends = SOURCE.test(filename)
    ? parts.map((_, index) => parts.slice(index).join('-'))
    : parts.slice(0, 1)
  return ends.map(normalize)
}

async function cutVersions(
  reader: JsonReader,
  edits: Edits,
  at: number,
  kept: ReadonlySet<string>,
): Promise<void> {
  reader.moveTo(at)
  await cutElements(reader, edits, async () => {
    const version = await reader.text()
    return version !== undefined && kept.has(normalize(version))
  })
}

function normalize(text: string): string {
  return text.toLowerCase().replaceAll('_', '-')
}
