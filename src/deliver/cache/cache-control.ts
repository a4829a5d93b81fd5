/** What a Cache-Control header says (RFC 9111 §5.2). */
export interface CacheControl {
  /** True for a directive that is there, with or without a value: `private="x"` counts as `private`. */
  readonly has: (directive: string) => boolean
  /** Seconds; the least of several, 0 for what is no number (RFC 9111 §4.2.1). undefined: it is not there. */
  readonly seconds: (directive: string) => number | undefined
}

const DIRECTIVE = /([\w!#$%&'*+.^`|~-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g
/** What RFC 9111 §1.2.2 takes a larger number for. */
const LONGEST_SECONDS = 2 ** 31

export function parseCacheControl(header: string | undefined): CacheControl {
  const values = new Map<string, string[]>()
  for (const [, name = '', quoted, bare] of (header ?? '').matchAll(DIRECTIVE)) {
    const directive = name.toLowerCase()
    const value = quoted ?? bare ?? ''
    const known = values.get(directive)
    // Into the same list: a new one for each would take a header of thousands of them a tenth of a second.
    if (known === undefined) values.set(directive, [value])
    else known.push(value)
  }
  return {
    has: (directive) => values.has(directive),
    seconds: (directive) => {
      const given = values.get(directive)
      return given === undefined
        ? undefined
        : given.map(toSeconds).reduce((least, each) => Math.min(least, each))
    },
  }
}

function toSeconds(text: string): number {
  return /^\d+$/.test(text) ? Math.min(Number(text), LONGEST_SECONDS) : 0
}
