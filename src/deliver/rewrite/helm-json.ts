import { cutElements, cutMembers } from './cut-lists.ts'
import { createEdits, type Edits } from './edits.ts'
import type { ChangeUrls } from './helm-place.ts'
import { createJsonReader, type JsonReader } from './json-reader.ts'

/** How many versions there are. */
interface Found {
  seen: number
  kept: number
}

/** The same for an index in JSON, as `helm repo index --json` writes it into `index.yaml`: all JSON is YAML. */
export async function rewriteHelmJson(index: Buffer, change: ChangeUrls): Promise<Buffer | undefined> {
  const [reader, edits] = [createJsonReader(index), createEdits()]
  const found: Found = { seen: 0, kept: 0 }
  const end = await reader.members(async (key) => {
    if (key !== 'entries') return reader.skip()
    const start = reader.at()
    const isObject = await cutMembers(reader, edits, () => changeChart(reader, edits, index, change, found))
    if (!isObject) mustBeNull(index, start)
    return undefined
  })
  if (end === undefined) throw new SyntaxError("the storage's index.yaml is no JSON object")
  return found.kept === 0 && found.seen > 0 ? undefined : edits.apply(index)
}

async function changeChart(
  reader: JsonReader,
  edits: Edits,
  index: Buffer,
  change: ChangeUrls,
  found: Found,
): Promise<boolean> {
  const [before, start, { kept, seen }] = [edits.count(), reader.at(), found]
  const isArray = await cutElements(reader, edits, async () => {
    found.seen++
    const isKept = await changeVersion(reader, edits, index, change)
    if (isKept) found.kept++
    return isKept
  })
  if (!isArray) mustBeNull(index, start)
  const isKept = found.kept > kept || found.seen === seen
  if (!isKept) edits.keep(before)
  return isKept
}

async function changeVersion(
  reader: JsonReader,
  edits: Edits,
  index: Buffer,
  change: ChangeUrls,
): Promise<boolean> {
  const urls: { url: string; start: number; end: number }[] = []
  await reader.members(async (key) => {
    if (key !== 'urls') return reader.skip()
    const value = reader.at()
    const end = await reader.elements(async (start) => {
      const url = await reader.text()
      if (url === undefined) throw new SyntaxError("a URL in the storage's index.yaml is no text")
      urls.push({ url, start, end: reader.at() })
    })
    if (end === undefined) mustBeNull(index, value)
    return undefined
  })
  const written = change(urls.map(({ url }) => url))
  if (written === undefined) return false
  for (const [at, { start, end }] of urls.entries()) {
    const place = written[at]
    if (place !== undefined) edits.replace(start, end, JSON.stringify(place))
  }
  return true
}

/** What is no list could name anything: it is not passed on unread. */
function mustBeNull(index: Buffer, start: number): void {
  if (index.toString('latin1', start, start + 4) !== 'null')
    throw new SyntaxError(`the storage's index.yaml is nothing that Helm would write, seen at byte ${start}`)
}
