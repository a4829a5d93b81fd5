import { FORMAT_POLICIES } from '../formats.ts'
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

function packagePath(artifact: Artifact): PackagePath {
  const { format, kind } = artifact
  if (kind === 'package') return { text: fold(`/${artifact.path}`), isWhole: true }
  const { path, isWhole } = FORMAT_POLICIES[format].placeOf(artifact)
  return { text: fold(path), isWhole }
}
