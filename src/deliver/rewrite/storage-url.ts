/** Stands for a storage without URLs, such as a folder; no URL of the web leads there. */
export const NOWHERE: URL = new URL('http://nowhere.invalid/')

/** Path below the storage, decoded, of a URL; undefined for one that leads elsewhere. `base` ends in a slash. */
export function pathBelow({ origin, pathname }: URL, base: URL | undefined): string | undefined {
  const isBelow = base !== undefined && origin === base.origin && pathname.startsWith(base.pathname)
  return isBelow ? decodePath(pathname.slice(base.pathname.length)) : undefined
}

/** URLs may hold escapes that mean nothing; those stay. */
export function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
