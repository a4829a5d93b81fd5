import { placeInStorage, placeOfVersion, gateUrl, type Dist } from './composer-place.ts'
import {
  createVersionReading,
  createVersionWriting,
  readVersion,
  type VersionData,
} from './composer-versions.ts'
import { cutElements, cutMembers } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'

/** What becomes of the archives that a document names. */
export interface Archives {
  /** URL of the storage; undefined for a folder. */
  readonly base: URL | undefined
  readonly baseUrl: string
  readonly includes: ((path: string) => boolean) | undefined
}

const OPEN_ARRAY = 0x5b

/** Where the packages of a document begin, and whether its versions are minified. */
interface Layout {
  readonly packages: readonly number[]
  readonly isMinified: boolean
}

/**
 * Makes the versions of a document (`p2/…`) name their archives by the gate's paths, and leaves out those that the client may not fetch. An empty list
 * may be all that is left: Composer gives up where a document is refused, also one of branches that it could do without.
 */
export async function rewriteComposerPackages(json: Buffer, archives: Archives): Promise<Buffer> {
  const [reader, edits] = [createJsonReader(json), createEdits()]
  const { packages, isMinified } = await readLayout(reader)
  for (const at of packages) {
    reader.moveTo(at)
    await changePackages(reader, edits, { json, isMinified, archives })
  }
  return edits.apply(json)
}

async function readLayout(reader: JsonReader): Promise<Layout> {
  const packages: number[] = []
  let isMinified = false
  const end = await reader.members(async (key) => {
    if (key === 'packages') packages.push(reader.at())
    if (key === 'minified') isMinified = (await reader.text()) === 'composer/2.0'
    else await reader.skip()
  })
  if (end === undefined) throw new SyntaxError("the storage's document is no JSON object")
  return { packages, isMinified }
}

export interface Document {
  readonly json: Buffer
  readonly isMinified: boolean
  readonly archives: Archives
}

/** The same for the list of packages that `reader` is at; moves behind it. Gives how many there were. */
export async function changePackages(reader: JsonReader, edits: Edits, document: Document): Promise<number> {
  let packages = 0
  const start = reader.at()
  const isObject = await cutMembers(reader, edits, async (name) => {
    packages++
    const before = edits.count()
    const isKept = await changeVersions(reader, edits, name, document)
    if (!isKept) edits.keep(before)
    return isKept
  })
  if (isObject) return packages
  // PHP writes an empty list so.
  reader.moveTo(start)
  const none = await reader.elements(() => Promise.reject(noPackages()))
  if (none === undefined) throw noPackages()
  return 0
}

function noPackages(): SyntaxError {
  return new SyntaxError("the storage's packages are no JSON object")
}

/** False when no version is left. */
async function changeVersions(
  reader: JsonReader,
  edits: Edits,
  name: string,
  { json, isMinified, archives }: Document,
): Promise<boolean> {
  let isKept = false
  const [reading, writing] = [createVersionReading(isMinified), createVersionWriting(isMinified)]
  const change = async (): Promise<boolean> => {
    const start = reader.at()
    const data = await readVersion(reader, json)
    const whole = reading.read(data)
    const dist = distFor(name, whole, archives)
    if (dist === undefined) {
      writing.drop(data)
      return false
    }
    isKept = true
    const written: VersionData = { ...writing.keep(data, whole), ...dist }
    // Composer would report every installation there.
    const { 'notification-url': _, ...silent } = written
    edits.replace(start, reader.at(), JSON.stringify(silent))
    return true
  }
  const isArray = json[reader.at()] === OPEN_ARRAY
  const isList = await (isArray ? cutElements : cutMembers)(reader, edits, change)
  if (!isList) throw new SyntaxError("the storage's list of versions is neither JSON array nor object")
  return isKept
}

/** What to say of a version's archive, if it has one; undefined for a version that the client may not fetch. */
function distFor(
  name: string,
  whole: VersionData,
  { base, baseUrl, includes }: Archives,
): { readonly dist?: unknown } | undefined {
  const dist = whole['dist'] as Dist | null | undefined
  const place = placeOfVersion(name, String(whole['version']), dist ?? {})
  if (place === undefined || includes?.(place) === false) return undefined
  if (dist === null || dist === undefined) return {}
  // Composer has nothing to fetch from there.
  if (placeInStorage(dist.url, base) === undefined) return { dist: null }
  const { mirrors: _, ...kept } = dist as Dist & { readonly mirrors?: unknown }
  return { dist: { ...kept, url: gateUrl(baseUrl, place) } }
}

/** Where in the storage the archive lies that the gate names `path`; undefined when the document does not tell. */
export async function findArchive(
  json: Buffer,
  path: string,
  base: URL | undefined,
): Promise<string | undefined> {
  const reader = createJsonReader(json)
  const { packages, isMinified } = await readLayout(reader)
  let found: string | undefined
  for (const at of packages) {
    reader.moveTo(at)
    await reader.members(async (name) => {
      if (!path.startsWith(`-/${name.toLowerCase()}/`)) return reader.skip()
      const reading = createVersionReading(isMinified)
      const look = async (): Promise<void> => {
        const whole = reading.read(await readVersion(reader, json))
        const dist = (whole['dist'] ?? {}) as Dist
        if (placeOfVersion(name, String(whole['version']), dist) === path)
          found ??= placeInStorage(dist.url, base)
      }
      await (json[reader.at()] === OPEN_ARRAY ? reader.elements(look) : reader.members(look))
      return undefined
    })
  }
  return found
}
