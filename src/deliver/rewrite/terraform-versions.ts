import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { cutElements, cutMembers } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'

/** What is worked on. */
interface Work {
  readonly json: Buffer
  readonly reader: JsonReader
  readonly edits: Edits
  readonly order: DeliveryOrder
  readonly placeOf: (link: string) => string | undefined
  readonly found: { kept: number; dropped: number }
}

/**
 * Cuts lists of versions (of modules, of providers, of a mirror), and of a version's archives in a mirror, down to what the client may fetch.
 * Versions are judged by the paths of their documents, archives by their own. undefined when nothing is left.
 */
export async function cutTerraformVersions(
  json: Buffer,
  order: DeliveryOrder,
  placeOf: Work['placeOf'],
): Promise<Buffer | undefined> {
  const found = { kept: 0, dropped: 0 }
  const work = { json, reader: createJsonReader(json), edits: createEdits(), order, placeOf, found }
  const end = await work.reader.members((key) => change(work, key))
  if (end === undefined) throw new SyntaxError("the storage's document is no JSON object")
  return found.kept === 0 && found.dropped > 0 ? undefined : work.edits.apply(json)
}

async function change(work: Work, key: string): Promise<void> {
  const { reader, edits, order } = work
  if (key === 'modules') {
    await reader.elements(async () => void (await reader.members((member) => change(work, member))))
  } else if (key === 'archives') {
    mustBe(await cutMembers(reader, edits, () => judgeArchive(work)))
  } else if (key === 'versions' && order.artifact.filename === 'index.json') {
    mustBe(
      await cutMembers(
        reader,
        edits,
        async (version) => (await reader.skip(), judge(work, `${version}.json`)),
      ),
    )
  } else if (key === 'versions') {
    mustBe(await cutElements(reader, edits, () => judgeVersion(work)))
  } else await reader.skip()
}

/** `path` is relative to the list. */
function judge({ order, found }: Work, path: string): boolean {
  const { artifact, includes } = order
  const isKept = includes === undefined || includes(artifact.path.slice(0, -artifact.filename.length) + path)
  if (isKept) found.kept++
  else found.dropped++
  return isKept
}

interface Version {
  readonly version?: unknown
  readonly platforms?: readonly Platform[]
}

interface Platform {
  readonly os?: unknown
  readonly arch?: unknown
}

/** Of a provider, with some of its platforms, if the client may have only those. */
async function judgeVersion(work: Work): Promise<boolean> {
  const { json, reader, edits } = work
  const start = reader.at()
  await reader.skip()
  const given = JSON.parse(json.toString('utf8', start, reader.at())) as Version
  const document = `${String(given.version)}/download`
  if (!Array.isArray(given.platforms)) return judge(work, document)
  const all: readonly Platform[] = given.platforms
  const platforms = all.filter(({ os, arch }) => judge(work, `${document}/${String(os)}/${String(arch)}`))
  if (platforms.length > 0 && platforms.length < all.length)
    edits.replace(start, reader.at(), JSON.stringify({ ...given, platforms }))
  return platforms.length > 0
}

/** Moves behind an archive, and has its URL lead to the gate. */
async function judgeArchive({ reader, edits, order, placeOf, found }: Work): Promise<boolean> {
  const before = edits.count()
  let isKept = false
  await reader.members(async (key) => {
    const start = reader.at()
    const link = key === 'url' ? await reader.text() : await reader.skip()
    if (typeof link !== 'string') return
    const place = placeOf(link)
    isKept = place !== undefined && (order.includes === undefined || order.includes(place))
    edits.replace(start, reader.at(), JSON.stringify(order.openUrl() + encodePath(place ?? '')))
  })
  if (isKept) found.kept++
  else {
    found.dropped++
    edits.keep(before)
  }
  return isKept
}

/** What is no list could name anything: it is not passed on unread. */
function mustBe(isList: boolean): void {
  if (!isList) throw new SyntaxError("the storage's list of versions is no JSON list")
}
