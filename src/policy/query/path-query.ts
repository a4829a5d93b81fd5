import type { Artifact } from '../types.ts'
import { compileQuery, type BadQuery, type CompiledQuery } from './compile.ts'
import { compilePattern, fold } from './pattern.ts'

/** What is known of the path of the package that a file belongs to; folded. */
interface PackagePath {
  readonly text: string
  /** True when `text` is all of it, not only its beginning. */
  readonly isWhole: boolean
}

/**
 * Compiles Cloudsmith's `limit_path_query`: patterns (pattern.ts) over the path below the repository, which begins with `/`, joined
 * by AND, OR, NOT and parentheses. The judge is for packages and for what belongs to one package.
 */
export function compilePathQuery(text: string): CompiledQuery<Artifact> | BadQuery {
  const query = compileQuery<PackagePath>(text, (field, value) => {
    if (field !== undefined) return { problem: `a query over paths has no fields, such as "${field}"` }
    const pattern = compilePattern(value.text)
    if (typeof pattern === 'string') return pattern
    return (path) => (path.isWhole ? pattern.matches(path.text) : pattern.matchesBeginning(path.text))
  })
  if (!query.ok) return query
  return { ok: true, judge: (artifact) => query.judge(packagePath(artifact)) }
}

/**
 * A name of raw is the path of the file that it is about. npm's packages lie below their name; elsewhere what belongs to a package
 * lies beside it.
 */
function packagePath({ format, kind, path, name = '' }: Artifact): PackagePath {
  if (kind === 'package') return { text: fold(`/${path}`), isWhole: true }
  if (format === 'raw') return { text: fold(`/${name}`), isWhole: true }
  if (format === 'npm') return { text: fold(`/${name}/`), isWhole: false }
  return { text: fold(`/${path.slice(0, path.lastIndexOf('/') + 1)}`), isWhole: false }
}
