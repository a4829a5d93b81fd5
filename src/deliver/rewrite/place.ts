import { encodePath } from '../encode-path.ts'
import { decodePath, NOWHERE, pathBelow } from './storage-url.ts'

/**
 * Where in the storage a link leads that stands in its document at `path`. On another host (the public name of a storage that is asked by an
 * inner one, a CDN) the part that both have in common is left out; it may lead to nothing, but never around the gate. undefined for what is
 * no URL of the web, or leads up by encoded dots. `base` is the URL of the storage, with a slash at its end; undefined for a folder.
 */
export function placeOfLink(link: string, path: string, base: URL | undefined): string | undefined {
  const root = base ?? NOWHERE
  const url = URL.parse(link, new URL(root.pathname + encodePath(path), root))
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined
  // The storage itself, without the slash at its end.
  if (`${url.pathname}/` === root.pathname) return ''
  const isAlike = url.pathname.startsWith(root.pathname)
  const place = pathBelow(url, root) ?? decodePath(url.pathname.slice(isAlike ? root.pathname.length : 1))
  // Encoded dots lead up from where the link seems to lead.
  return place.split('/').some((segment) => segment === '.' || segment === '..') ? undefined : place
}
