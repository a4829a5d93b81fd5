/** A package name at the start of some segments, and what follows it. */
export interface NamedPath {
  readonly name: string
  readonly scope: string | undefined
  /** The name without its scope. */
  readonly base: string
  readonly rest: readonly string[]
}

/** Old names may have capitals. A leading `-` is never a package; in a scope, `_` may come first. */
const BASE = /^[A-Za-z0-9~][A-Za-z0-9._~-]*$/
const SCOPE = /^@[A-Za-z0-9~-][A-Za-z0-9._~-]*$/
const SCOPED_BASE = /^[A-Za-z0-9~_][A-Za-z0-9._~-]*$/
const TARBALL = /\.(?:tgz|tar|tar\.gz)$/i

/**
 * Reads a package name (npm's documentation of package.json, "name"). undefined when none is there, or something that looks like a
 * tarball: it would be free if it were taken for the document of a package.
 */
export function readNpmName(segments: readonly string[]): NamedPath | undefined {
  const [first = '', second = ''] = segments
  if (!first.startsWith('@')) {
    const isName = BASE.test(first) && !TARBALL.test(first)
    return isName ? { name: first, scope: undefined, base: first, rest: segments.slice(1) } : undefined
  }
  const isName = SCOPE.test(first) && SCOPED_BASE.test(second) && !TARBALL.test(second)
  return isName
    ? { name: `${first}/${second}`, scope: first, base: second, rest: segments.slice(2) }
    : undefined
}
