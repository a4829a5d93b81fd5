/** Values of a path's parameters, decoded. */
export type Params = Readonly<Record<string, string>>

/**
 * The parameters of `path` if it has the form of `pattern`, like `/tokens/:owner/:repo`; undefined: it has not. A slash at the end counts for
 * nothing.
 */
export function matchPath(pattern: string, path: string): Params | undefined {
  const wanted = segmentsOf(pattern)
  const given = segmentsOf(path)
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = decode(given[index] ?? '')
    if (value === undefined) return undefined
    if (segment.startsWith(':')) params[segment.slice(1)] = value
    else if (segment !== value) return undefined
  }
  return params
}

/** A path of `pattern` with `params` in it, encoded. */
export function buildPath(pattern: string, params: Params): string {
  const segments = segmentsOf(pattern).map((segment) =>
    segment.startsWith(':') ? encodeURIComponent(params[segment.slice(1)] ?? '') : segment,
  )
  return `/${segments.join('/')}`
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '')
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
