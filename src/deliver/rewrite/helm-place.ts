import type { DeliveryOrder } from '../contract.ts'
import { encodePath } from '../encode-path.ts'
import { decodePath, NOWHERE, pathBelow } from './storage-url.ts'

/**
 * What becomes of the URLs of one version: what to write in place of each, undefined for what may stay. undefined as a whole when the version is to be
 * left out, because the client may not fetch it, or nobody could from here.
 */
export type ChangeUrls = (urls: readonly string[]) => readonly (string | undefined)[] | undefined

/**
 * Makes URLs of an index relative to it: Helm sends its credentials along to those, and to no others on a host with another port. A URL on
 * another host (the public name of a storage that is asked by an inner one) keeps what both have in common; it may lead to nothing, but never
 * around the gate.
 */
export function createChangeUrls(base: URL | undefined, { artifact, includes }: DeliveryOrder): ChangeUrls {
  const root = base ?? NOWHERE
  const index = new URL(root.pathname + encodePath(artifact.path), root).href
  const folder = artifact.path.slice(0, artifact.path.lastIndexOf('/') + 1)
  return (urls) => {
    const places = urls.map((url) => placeOf(url, index, root))
    const isKept = places.every((place) => place !== undefined && (includes === undefined || includes(place)))
    if (!isKept || (places.length === 0 && includes !== undefined)) return undefined
    return places.map((place = '', at) => {
      const written = relativeTo(folder, place)
      return decodePath(written) === decodePath(urls[at] ?? '') ? undefined : written
    })
  }
}

/** Path below the repository; undefined for what is no URL of the web, such as `oci:`. */
function placeOf(url: string, index: string, root: URL): string | undefined {
  const target = URL.parse(url, index)
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:') return undefined
  const isAlike = target.pathname.startsWith(root.pathname)
  return pathBelow(target, root) ?? decodePath(target.pathname.slice(isAlike ? root.pathname.length : 1))
}

function relativeTo(folder: string, place: string): string {
  let common = folder
  let up = ''
  while (!place.startsWith(common)) {
    common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1)
    up += '../'
  }
  return up + encodePath(place.slice(common.length))
}
