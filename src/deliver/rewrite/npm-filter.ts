import { semverOrder } from '../../policy/versions/semver.ts'
import { cutMembers } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'

/** Whether a client may fetch a version; `tarball` as the document names it, undefined where it does not. */
export type KeepVersion = (version: string, tarball: string | undefined) => boolean

/** Versions of a packument that stay, and how many others there are. */
interface Found {
  readonly kept: Set<string>
  dropped: number
}

/** What `time` says besides when each version was published. */
const NOT_VERSIONS: ReadonlySet<string> = new Set(['created', 'modified'])

/**
 * Cuts a packument down to the versions that `keep` wants: in `versions`, `dist-tags` and `time`. A `latest` that is cut off becomes the
 * highest version that is left, for clients install what it names. undefined when nothing is left of something.
 */
export async function filterPackument(json: Buffer, keep: KeepVersion): Promise<Buffer | undefined> {
  const [reader, edits] = [createJsonReader(json), createEdits()]
  const found: Found = { kept: new Set(), dropped: 0 }
  const tags: number[] = []
  const times: number[] = []
  const end = await reader.members(async (key) => {
    if (key === 'versions') return cutVersions(reader, edits, keep, found)
    if (key === 'dist-tags') tags.push(reader.at())
    if (key === 'time') times.push(reader.at())
    return reader.skip()
  })
  mustBe(end !== undefined, 'packument')
  if (found.dropped === 0) return json
  if (found.kept.size === 0) return undefined
  const highest = highestOf(found.kept)
  for (const at of tags) await cutTags(reader, edits, at, (version) => found.kept.has(version), highest)
  for (const at of times) await cutTimes(reader, edits, at, found.kept)
  return edits.apply(json)
}

/** Cuts a list of tags, as a registry has it at a place of its own, down to the versions that `keep` wants. */
export async function filterTags(json: Buffer, keep: (version: string) => boolean): Promise<Buffer> {
  const edits = createEdits()
  await cutTags(createJsonReader(json), edits, 0, keep, undefined)
  return edits.apply(json)
}

/** The document of one version; undefined unless `keep` wants it. */
export async function filterManifest(json: Buffer, keep: KeepVersion): Promise<Buffer | undefined> {
  const { version, tarball } = await readManifest(createJsonReader(json))
  return version !== undefined && keep(version, tarball) ? json : undefined
}

async function cutVersions(reader: JsonReader, edits: Edits, keep: KeepVersion, found: Found): Promise<void> {
  const isObject = await cutMembers(reader, edits, async (version) => {
    const { tarball } = await readManifest(reader)
    const isKept = keep(version, tarball)
    if (isKept) found.kept.add(version)
    else found.dropped++
    return isKept
  })
  mustBe(isObject, 'list of versions')
}

/** Moves behind the document of a version. */
async function readManifest(
  reader: JsonReader,
): Promise<{ version: string | undefined; tarball: string | undefined }> {
  let version: string | undefined
  let tarball: string | undefined
  await reader.members(async (key) => {
    if (key === 'version') version = await reader.text()
    else if (key === 'dist') tarball = await readTarball(reader)
    else await reader.skip()
  })
  return { version, tarball }
}

async function readTarball(reader: JsonReader): Promise<string | undefined> {
  let tarball: string | undefined
  await reader.members(async (key) => {
    if (key === 'tarball') tarball = await reader.text()
    else await reader.skip()
  })
  return tarball
}

async function cutTags(
  reader: JsonReader,
  edits: Edits,
  at: number,
  keep: (version: string) => boolean,
  latest: string | undefined,
): Promise<void> {
  reader.moveTo(at)
  const isObject = await cutMembers(reader, edits, async (tag) => {
    const start = reader.at()
    const version = await reader.text()
    const isKept = version !== undefined && keep(version)
    if (isKept || tag !== 'latest' || latest === undefined) return isKept
    edits.replace(start, reader.at(), JSON.stringify(latest))
    return true
  })
  mustBe(isObject, 'list of tags')
}

async function cutTimes(
  reader: JsonReader,
  edits: Edits,
  at: number,
  kept: ReadonlySet<string>,
): Promise<void> {
  reader.moveTo(at)
  const isObject = await cutMembers(reader, edits, async (key) => {
    await reader.skip()
    return kept.has(key) || NOT_VERSIONS.has(key)
  })
  mustBe(isObject, 'list of times')
}

/** What is no list could name anything: it is not passed on unread. */
function mustBe(isObject: boolean, what: string): void {
  if (!isObject) throw new SyntaxError(`the storage's ${what} is no JSON object`)
}

/** Releases before prereleases; undefined where none is a semantic version. */
function highestOf(versions: ReadonlySet<string>): string | undefined {
  const parsed = [...versions].flatMap((text) => semverOrder.parse(text) ?? [])
  const releases = parsed.filter(({ prerelease }) => prerelease.length === 0)
  const candidates = releases.length > 0 ? releases : parsed
  return candidates.reduce<(typeof candidates)[number] | undefined>(
    (best, each) => (best === undefined || semverOrder.compare(each, best) > 0 ? each : best),
    undefined,
  )?.raw
}
