import type { DeliveryOrder } from '../contract.ts'
import { gateUrl, placeInStorage } from './composer-place.ts'
import type { Edits } from './edits.ts'
import type { JsonReader } from './json-reader.ts'

/** An object of a document that names an archive, and where its URL stands. */
export interface ArchiveEntry {
  readonly start: number
  readonly end: number
  /** Empty: it says none. */
  readonly version: string
  readonly url: { readonly text: string; readonly start: number; readonly end: number } | undefined
}

/** Reads the object that `reader` is at, and moves behind it. `urlKey` is the member that names its archive. */
export async function readArchiveEntry(reader: JsonReader, urlKey: string): Promise<ArchiveEntry> {
  const start = reader.at()
  let [version, url]: [string, ArchiveEntry['url']] = ['', undefined]
  const closing = await reader.members(async (key) => {
    const valueStart = reader.at()
    const text = await reader.text()
    if (key === urlKey && url !== undefined) throw new SyntaxError(`an object names two archives (${urlKey})`)
    if (text === undefined) return
    if (key === 'version') version = text
    if (key === urlKey) url = { text, start: valueStart, end: reader.at() }
  })
  if (closing === undefined) throw new SyntaxError('what should name an archive is no JSON object')
  return { start, end: reader.at(), version, url }
}

/** URL by which the client gets the archive from the gate; undefined when it may not have it, or nobody could from here. */
export function archiveUrl(
  { url }: ArchiveEntry,
  base: URL | undefined,
  { baseUrl, includes }: DeliveryOrder,
): string | undefined {
  const place = url && placeInStorage(url.text, base)
  return place === undefined || includes?.(place) === false ? undefined : gateUrl(baseUrl, place)
}

/** Writes the URL of an archive anew; false when the entry is to be left out instead. */
export function changeArchiveUrl(
  entry: ArchiveEntry,
  base: URL | undefined,
  order: DeliveryOrder,
  edits: Edits,
): boolean {
  const written = archiveUrl(entry, base, order)
  if (written === undefined || entry.url === undefined) return false
  edits.replace(entry.url.start, entry.url.end, JSON.stringify(written))
  return true
}
