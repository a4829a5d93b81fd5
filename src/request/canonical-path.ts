import { refuse, type Refusal } from '../policy/refusal.ts'

/**
 * Canonical form of a path. The danger is always the same: two readers of one URL that see two paths (CVE-2021-41773,
 * CVE-2018-1000110 and their kin). So the path is decoded here once, anything that a second reader could take differently is
 * refused, and the upstream's URL is built anew from the result.
 */

/** What never comes over a wire, controls, space, backslash and `#`; `;` starts parameters that some servers cut off. */
const FORBIDDEN_RAW = /[^\u0021-\u00ff]|[\u007f\\;#]/
const FORBIDDEN_QUERY = /[^\u0021-\u00ff]|[\u007f#]/
const MALFORMED_ESCAPE = /%(?![0-9a-fA-F]{2})/
/** C0 and C1 controls, DEL, the line ends of Unicode, separators of any system, and the start of parameters. */
const FORBIDDEN_DECODED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\/;]/
/** `..`, and what Windows takes for it or for nothing: it drops dots and spaces from the end of a segment. A single dot is harmless. */
const CLIMBS = /^(?!\.$)[. ]+$/
const HIDDEN = /%(?:2f|5c|2e|00)/i
const ESCAPE = /%([0-7][0-9a-fA-F])/g
const NON_ASCII = /[\u0080-\u00ff]/g
const NON_ASCII_ONCE = /[\u0080-\u00ff]/
/** The `@` as clients write it that encode the whole name. */
const SCOPE_START = /^(?:@|%40)/
/** Layers of escaping that are looked through before giving up. */
const MOST_LAYERS = 5

/** Why a path is refused; `why` of a `path_ambiguous` refusal. */
function ambiguous(why: string): Refusal {
  return refuse('path_ambiguous', { why })
}

/** Refuses raw characters that no path or query may hold; undefined when there are none. */
export function checkRaw(path: string, query: string): Refusal | undefined {
  if (FORBIDDEN_RAW.test(path)) return ambiguous('a control character, space, backslash, ";" or "#"')
  return FORBIDDEN_QUERY.test(query) ? ambiguous('a control character, space or "#" in its query') : undefined
}

/**
 * Decodes the segments below the repository, drops `.` and empty ones, keeps a trailing slash. With `scopedNames`, an npm name
 * written `@scope%2fname` becomes two segments: the one encoded slash that real clients send.
 */
export function canonicalPath(rawSegments: readonly string[], scopedNames: boolean): string[] | Refusal {
  const path: string[] = []
  for (const raw of rawSegments) {
    const pieces = scopedNames && SCOPE_START.test(raw) ? raw.split(/%2f/i) : [raw]
    if (pieces.length > 2 || (pieces.length === 2 && pieces.includes('')))
      return ambiguous('an encoded slash')
    for (const piece of pieces) {
      const segment = decodeSegment(piece)
      if (typeof segment !== 'string') return segment
      if (CLIMBS.test(segment)) return ambiguous('a ".." segment, or one of dots and spaces only')
      if (segment === '.' && pieces.length === 2) return ambiguous('a "." in a scoped name')
      if (segment !== '' && segment !== '.') path.push(segment)
    }
  }
  if (isDirectory(rawSegments.at(-1))) path.push('')
  return path
}

/** The last segment was empty or a dot in some spelling: a directory is meant. */
function isDirectory(last: string | undefined): boolean {
  return last === undefined || last === '' || last === '.' || /^%2e$/i.test(last)
}

/** One segment, decoded from UTF-8 percent escapes, with everything refused that a later reader might decode further. */
function decodeSegment(raw: string): string | Refusal {
  if (!raw.includes('%') && !NON_ASCII_ONCE.test(raw)) return raw
  if (MALFORMED_ESCAPE.test(raw)) return ambiguous('a malformed percent escape')
  const decoded = decodeUtf8(raw)
  if (decoded === undefined) return ambiguous('bytes that are not UTF-8')
  if (FORBIDDEN_DECODED.test(decoded))
    return ambiguous('an encoded slash, backslash, ";" or control character')
  if (hidesSeparator(decoded)) return ambiguous('a second level of escaping')
  if (climbsFolded(decoded)) return ambiguous('a ".." segment in other characters')
  return decoded
}

/** Node hands over raw bytes as Latin-1 characters; they are escaped first, so that one decoder judges all bytes. */
function decodeUtf8(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw.replaceAll(NON_ASCII, (byte) => `%${byte.charCodeAt(0).toString(16)}`))
  } catch {
    return undefined
  }
}

/** True when decoding once more, or more often, would bring out a slash, backslash, dot or NUL. */
function hidesSeparator(decoded: string): boolean {
  let text = decoded
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    if (HIDDEN.test(text)) return true
    const next = text.replaceAll(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    if (next === text) return false
    text = next
  }
  return true
}

/** True when folding compatibility characters (`．`, `‥`, `／`; Unicode NFKC) would bring out a `..`. */
function climbsFolded(decoded: string): boolean {
  const folded = decoded.normalize('NFKC')
  return folded !== decoded && folded.split(/[\\/]/).some((part) => CLIMBS.test(part))
}
