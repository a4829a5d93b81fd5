import { changePackages, type Archives } from './composer-packages.ts'
import { gateUrl, placeInStorage } from './composer-place.ts'
import { readValue } from './composer-versions.ts'
import { cutElements, cutMembers } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'

/** The gate serves the documents of packages here, as nearly all repositories do. */
const DOCUMENTS = 'p2/%package%.json'

/** What stays as it is. */
const PLAIN: ReadonlySet<string> = new Set([
  'available-package-patterns',
  'info',
  'info-versions',
  'warning',
  'warning-versions',
  'warnings',
  'infos',
])
/** Templates of URLs, and where the gate serves what they lead to. Answers name whatever they like. */
const LISTS: ReadonlyMap<string, RegExp> = new Map([
  ['list', /^(?:packages\/)?list\.json$/],
  ['search', /^search\.json$/],
])

/** By which Composer 1 finds packages; of most of it a checksum stands elsewhere, so that it can't be changed. */
const OLD: ReadonlySet<string> = new Set([
  'includes',
  'provider-includes',
  'providers',
  'providers-lazy-url',
  'providers-url',
])

/** What was found in the root of a repository. */
interface Found {
  packages: number
  hasDocuments: boolean
  /** Something by which packages would be found, but not here. */
  hasOthers: boolean
}

/**
 * Makes the root of a repository (`packages.json`) lead through the gate. Whatever may lead elsewhere, or takes what clients send, is left out: mirrors,
 * notifications, and all of Composer 1. Rejects a repository that Composer 2 could not use afterwards.
 */
export async function rewriteComposerRoot(json: Buffer, archives: Archives): Promise<Buffer> {
  const [reader, edits] = [createJsonReader(json), createEdits()]
  const found: Found = { packages: 0, hasDocuments: false, hasOthers: false }
  const isObject = await cutMembers(reader, edits, (key) =>
    changeMember(key, reader, edits, json, archives, found),
  )
  if (!isObject) throw new SyntaxError("the storage's packages.json is no JSON object")
  if (found.hasOthers && !found.hasDocuments && found.packages === 0)
    throw new Error(`the storage's packages.json has neither packages nor a metadata-url of ${DOCUMENTS}`)
  return edits.apply(json)
}

/** Moves behind the value; false when it is to be left out. */
async function changeMember(
  key: string,
  reader: JsonReader,
  edits: Edits,
  json: Buffer,
  archives: Archives,
  found: Found,
): Promise<boolean> {
  const start = reader.at()
  if (key === 'packages') {
    found.packages += await changePackages(reader, edits, { json, isMinified: false, archives })
    return true
  }
  if (key === 'available-packages') return cutNames(reader, edits, archives)
  if (key === 'security-advisories') return keepAdvisories(reader, edits, json)
  const text = await reader.text()
  if (PLAIN.has(key)) return true
  const place = placeOfTemplate(key, text, archives)
  if (place === undefined) {
    if (OLD.has(key) || key === 'metadata-url') found.hasOthers = true
    return false
  }
  if (key === 'metadata-url') found.hasDocuments = true
  edits.replace(start, reader.at(), JSON.stringify(place))
  return true
}

/** For a token with package rules there are no lists of everything. */
function placeOfTemplate(key: string, template: string | undefined, archives: Archives): string | undefined {
  const { base, baseUrl, includes } = archives
  const [url = '', query] = (template ?? '').split('?', 2)
  const place = placeInStorage(url, base)
  if (key === 'metadata-url') return place?.endsWith(DOCUMENTS) === true ? baseUrl + DOCUMENTS : undefined
  const isServed = includes === undefined && place !== undefined && LISTS.get(key)?.test(place) === true
  return isServed ? gateUrl(baseUrl, place) + (query === undefined ? '' : `?${query}`) : undefined
}

async function cutNames(reader: JsonReader, edits: Edits, { includes }: Archives): Promise<boolean> {
  return cutElements(reader, edits, async () => {
    const name = await reader.text()
    return name !== undefined && (includes === undefined || includes(`p2/${name}.json`))
  })
}

/** Those that stand in the documents of packages; Composer would send the names of what is installed to any other place. */
async function keepAdvisories(reader: JsonReader, edits: Edits, json: Buffer): Promise<boolean> {
  const start = reader.at()
  const { metadata } = ((await readValue(reader, json)) ?? {}) as { readonly metadata?: unknown }
  if (metadata === true) edits.replace(start, reader.at(), '{"metadata":true}')
  return metadata === true
}
