/** Characters that no server reads as anything but themselves. `+` is left out: S3 takes it for a space. */
const SAFE = /^[A-Za-z0-9._~-]*$/
const SAFE_PATH = /^[A-Za-z0-9._~/-]*$/

/**
 * Builds the path of an upstream URL from a canonical one, segment by segment (RFC 3986 §3.3). Decoding it once gives the canonical
 * path back. A canonical path was decoded from UTF-8, so it has no half surrogates, which would throw.
 */
export function encodePath(path: string): string {
  return SAFE_PATH.test(path) ? path : path.split('/').map(encodeSegment).join('/')
}

/** The same with the colons of digests as they are: so registries and what stands before them are asked by everybody (RFC 3986 §3.3). */
export function encodeImagePath(path: string): string {
  return encodePath(path).replaceAll('%3A', ':')
}

function encodeSegment(segment: string): string {
  return SAFE.test(segment) ? segment : encodeURIComponent(segment).replaceAll('%40', '@')
}
