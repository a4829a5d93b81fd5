import { nugetOrder } from '../../policy/versions/nuget.ts'
import { cutElements } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'

export interface NugetLinks {
  /** The gate's URL for one of the storage; undefined for what is no URL of the web. */
  readonly toGate: (link: string) => string | undefined
  /** Whether the client may fetch a version. `content`: URL of the package, where the document names it. */
  readonly keeps: (version: string, content: string | undefined) => boolean
}

/** A document as the client gets it. */
export interface RewrittenNuget {
  readonly content: Buffer
  /** It named versions, and none of them is left. */
  readonly isEmpty: boolean
}

/** What is worked on. */
interface Work {
  readonly json: Buffer
  readonly reader: JsonReader
  readonly edits: Edits
  readonly links: NugetLinks
  readonly found: { kept: number; dropped: number }
}

/** Members that are URLs of the server. */
const URLS: ReadonlySet<string> = new Set(['@id', 'registration', 'packageContent', 'parent', 'contentUrl'])
const [OBJECT, ARRAY] = [0x7b, 0x5b]

/**
 * Changes the URLs in a document of a NuGet server (service index, registrations, lists of versions, results of searches), and cuts out versions
 * that `links` does not keep, whole pages with them. Resources of the service index that can't be used here are left out: those for publishing,
 * and templates of pages for people.
 */
export async function rewriteNugetJson(json: Buffer, links: NugetLinks): Promise<RewrittenNuget> {
  const work: Work = {
    json,
    reader: createJsonReader(json),
    edits: createEdits(),
    links,
    found: { kept: 0, dropped: 0 },
  }
  if (json[work.reader.at()] !== OBJECT) throw new SyntaxError("the storage's document is no JSON object")
  await changeEntry(work)
  const { kept, dropped } = work.found
  return { content: await work.edits.apply(json), isEmpty: kept === 0 && dropped > 0 }
}

/** Moves behind a value, of whatever kind it is. */
async function change(work: Work, key: string): Promise<void> {
  const { json, reader } = work
  if (key === '@context') return reader.skip()
  if (json[reader.at()] === OBJECT) return void (await changeEntry(work))
  if (json[reader.at()] === ARRAY) return void (await reader.elements(() => change(work, key)))
  return URLS.has(key) ? void (await changeUrl(work)) : reader.skip()
}

/** Gives the URL as it was; one that leads nowhere becomes empty. */
async function changeUrl({ reader, edits, links }: Work): Promise<string | undefined> {
  const start = reader.at()
  const link = await reader.text()
  if (link !== undefined) edits.replace(start, reader.at(), JSON.stringify(links.toGate(link) ?? ''))
  return link
}

/** What was found out about an object on the way through it. */
interface Entry {
  version: string | undefined
  content: string | undefined
  /** What is left of its pages or versions, and what was there; undefined: it has none. */
  items: Items | undefined
  /** Where `count`, `lower` and `upper` stand. */
  readonly bounds: Map<string, readonly [start: number, end: number]>
}

interface Items {
  readonly kept: Kept[]
  dropped: number
}

/** An item that stays: its version, or the versions of a page. */
interface Kept {
  readonly lowest: string | undefined
  readonly highest: string | undefined
}

/** Moves behind an object with all that is in it. undefined: the client may fetch nothing of it. */
async function changeEntry(work: Work): Promise<Kept | undefined> {
  const { reader } = work
  const entry: Entry = { version: undefined, content: undefined, items: undefined, bounds: new Map() }
  await reader.members(async (key) => {
    const start = reader.at()
    if (key === 'items') entry.items = await cutItems(work)
    else if (key === 'resources') await cutResources(work)
    else if (key === 'versions') await cutVersions(work)
    else if (key === 'catalogEntry') await readCatalogEntry(work, entry)
    else if (key === 'packageContent') entry.content = await changeUrl(work)
    else if (BOUNDS.has(key)) await reader.skip()
    else await change(work, key)
    if (BOUNDS.has(key)) entry.bounds.set(key, [start, reader.at()])
  })
  return judgeEntry(work, entry)
}

const BOUNDS: ReadonlySet<string> = new Set(['count', 'lower', 'upper'])

function judgeEntry({ edits, links, found }: Work, entry: Entry): Kept | undefined {
  const { version, content, items, bounds } = entry
  if (items !== undefined) return judgeItems(edits, items, bounds)
  // A page whose versions stand in a document of their own, or something else.
  if (version === undefined && content === undefined) return UNTOLD
  const isKept = links.keeps(version ?? '', content)
  if (isKept) found.kept++
  else found.dropped++
  return isKept ? { lowest: version, highest: version } : undefined
}

const UNTOLD: Kept = { lowest: undefined, highest: undefined }

/** Lets the list say no more of itself than what is left. */
function judgeItems(edits: Edits, { kept, dropped }: Items, bounds: Entry['bounds']): Kept | undefined {
  const lowest = extreme(
    kept.map((each) => each.lowest),
    -1,
  )
  const highest = extreme(
    kept.map((each) => each.highest),
    1,
  )
  const values: Readonly<Record<string, unknown>> = { count: kept.length, lower: lowest, upper: highest }
  for (const [key, [start, end]] of dropped > 0 ? bounds : []) {
    edits.replace(start, end, JSON.stringify(values[key] ?? ''))
  }
  return kept.length > 0 ? { lowest, highest } : undefined
}

/** The lowest (-1) or highest (1) of some versions; undefined unless all are known. */
function extreme(versions: readonly (string | undefined)[], sign: number): string | undefined {
  return versions.reduce((best, each) => {
    const [a, b] = [best, each].map((text) => (text === undefined ? undefined : nugetOrder.parse(text)))
    if (a === undefined || b === undefined) return undefined
    return nugetOrder.compare(b, a) * sign > 0 ? each : best
  }, versions[0])
}

async function cutItems(work: Work): Promise<Items> {
  const { json, reader, edits } = work
  const items: Items = { kept: [], dropped: 0 }
  if (json[reader.at()] !== ARRAY) throw new SyntaxError("the storage's list of versions is no JSON array")
  await cutElements(reader, edits, async () => {
    const before = edits.count()
    if (json[reader.at()] !== OBJECT) throw new SyntaxError("the storage's version is no JSON object")
    const kept = await changeEntry(work)
    if (kept === undefined) {
      edits.keep(before)
      items.dropped++
    } else items.kept.push(kept)
    return kept !== undefined
  })
  return items
}

/** What a version is, or where that is said. */
async function readCatalogEntry(work: Work, entry: Entry): Promise<void> {
  const { json, reader } = work
  if (json[reader.at()] !== OBJECT) return void (await changeUrl(work))
  await reader.members(async (key) => {
    if (key === 'version') entry.version = await reader.text()
    else if (key === 'packageContent') entry.content ??= await changeUrl(work)
    else await change(work, key)
  })
}

/** The versions of a package as words, or, in results of searches, as objects. */
async function cutVersions(work: Work): Promise<void> {
  const { json, reader, edits, links, found } = work
  if (json[reader.at()] !== ARRAY) throw new SyntaxError("the storage's list of versions is no JSON array")
  await cutElements(reader, edits, async () => {
    if (json[reader.at()] === OBJECT) return (await change(work, 'versions'), true)
    const version = await reader.text()
    const isKept = version !== undefined && links.keeps(version, undefined)
    if (isKept) found.kept++
    else found.dropped++
    return isKept
  })
}

const USED =
  /^(?:PackageBaseAddress|RegistrationsBaseUrl|SearchQueryService|SearchAutocompleteService|RepositorySignatures)(?:\/|$)/

async function cutResources(work: Work): Promise<void> {
  const { json, reader, edits } = work
  if (json[reader.at()] !== ARRAY) throw new SyntaxError("the storage's list of resources is no JSON array")
  await cutElements(reader, edits, async () => {
    const before = edits.count()
    let isUsed = false
    await reader.members(async (key) => {
      if (key === '@type') isUsed = USED.test((await reader.text()) ?? '')
      else await change(work, key)
    })
    if (!isUsed) edits.keep(before)
    return isUsed
  })
}
