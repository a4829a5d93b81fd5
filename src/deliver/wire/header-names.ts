const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Names that came before, as they were written, and in lower case. The same few dozen come with every answer. */
const seen = new Map<string, string>()
/** Nobody can make it grow for ever. */
const MOST_SEEN = 512
const LONGEST_SEEN = 64

/** The lower case of a header's name; undefined when it is no token (RFC 9110 §5.1): empty, or with a space before its colon. */
export function headerName(written: string): string | undefined {
  const known = seen.get(written)
  if (known !== undefined) return known
  if (!TOKEN.test(written)) return undefined
  const name = written.toLowerCase()
  if (seen.size < MOST_SEEN && written.length <= LONGEST_SEEN) seen.set(copy(written), copy(name))
  return name
}

/** The same text as a key: it keeps no head in memory that it was a part of, and is found as a key at once. */
function copy(text: string): string {
  const [key = text] = Object.keys({ [text]: true })
  return key
}
