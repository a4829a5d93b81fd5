import { encodePath } from '../encode-path.ts'
import { decodePath, NOWHERE, pathBelow } from './storage-url.ts'

/** What a document says of the archive of a version. */
export interface Dist {
  readonly url?: unknown
  readonly type?: unknown
  readonly reference?: unknown
  readonly shasum?: unknown
}

const WORD = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/**
 * The path below the repository by which the gate names the archive of a version: it holds name and version, so that `composer install` can be
 * judged, which asks for archives of its lock file and for nothing else. The storage's own path is found again in the same document. undefined
 * for a version that no path can hold.
 */
export function placeOfVersion(name: string, version: string, dist: Dist): string | undefined {
  const segments = `${name}/${version}`.split('/')
  if (segments.some((segment) => /^\.{0,2}$/.test(segment))) return undefined
  const word = [dist.reference, dist.shasum].find((each) => typeof each === 'string' && WORD.test(each))
  return `-/${name.toLowerCase()}/${version}/${String(word ?? 'archive')}.${endOf(dist)}`
}

const ENDS = /\.(7z|bz2|gz|phar|rar|tar|tgz|xz|zip)(?=[?#]|$)/i

/** Composer tells by it how to unpack. */
function endOf({ url, type }: Dist): string {
  const end = ENDS.exec(String(url))?.[1]?.toLowerCase()
  return end ?? (type === 'tar' ? 'tar' : 'zip')
}

/**
 * Where in the storage a URL leads. On another host (the public name of a storage that is asked by an inner one) what both have in common is
 * kept; it may lead to nothing, but never around the gate. undefined for what is no URL of the web.
 */
export function placeInStorage(url: unknown, base: URL | undefined): string | undefined {
  const root = base ?? NOWHERE
  const target = URL.parse(String(url), root)
  if (typeof url !== 'string' || (target?.protocol !== 'http:' && target?.protocol !== 'https:'))
    return undefined
  const isAlike = target.pathname.startsWith(root.pathname)
  return pathBelow(target, root) ?? decodePath(target.pathname.slice(isAlike ? root.pathname.length : 1))
}

/** The documents of a repository that may tell where the archive at `path` lies, in the order in which to ask; none for other paths. */
export function documentsAbout(path: string): readonly string[] {
  const [, name, version = ''] = /^-\/([^/]+\/[^/]+)\/(.+)\/[^/]+$/s.exec(path) ?? []
  if (name === undefined) return []
  const isBranch = version.startsWith('dev-') || version.endsWith('-dev')
  return [`p2/${name}${isBranch ? '~dev' : ''}.json`, 'packages.json']
}

/** URL of a path of the gate. */
export function gateUrl(baseUrl: string, path: string): string {
  return baseUrl + encodePath(path)
}
