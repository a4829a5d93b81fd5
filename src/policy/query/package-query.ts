import type { Artifact } from '../types.ts'
import { compileQuery, type BadQuery } from './compile.ts'
import { PACKAGE_FIELDS, packageSubject, UNTOLD_FIELDS, type PackageSubject } from './fields.ts'
import type { QueryProblem } from './tokens.ts'
import type { Judge, Truth } from './truth.ts'

/** A compiled query. The judge is for packages and for what belongs to one package. */
export interface PackageQuery {
  readonly ok: true
  readonly judge: (artifact: Artifact, owner: string, repo: string) => Truth
}

/**
 * Compiles Cloudsmith's `limit_package_query`: `field:value` terms joined by AND, OR, NOT and parentheses. A field that does not exist
 * is refused, and so is one that nothing in a request tells: no term is ever ignored.
 *
 * A word alone is a pattern over the name. Cloudsmith looks for it among the tags, too; so it can't be turned round by NOT or `~`: a
 * package that is kept out there by a tag would be let in here.
 */
export function compilePackageQuery(text: string): PackageQuery | BadQuery {
  const query = compileQuery<PackageSubject>(text, (field, value) => {
    if (field !== undefined) return compileField(field, value.text)
    return value.isNegated ? NEGATED_WORD : compileField('name', value.text)
  })
  if (!query.ok) return query
  return { ok: true, judge: (artifact, owner, repo) => query.judge(packageSubject(artifact, owner, repo)) }
}

const NEGATED_WORD = 'a word without a field can not be negated; write name: before it'

function compileField(
  field: string,
  value: string,
): Judge<PackageSubject> | string | Omit<QueryProblem, 'position'> {
  const compileValue = PACKAGE_FIELDS.get(field)
  if (compileValue !== undefined) return compileValue(value)
  if (UNTOLD_FIELDS.has(field)) return { problem: `nothing in a request tells "${field}" of a package` }
  return { problem: `there is no field "${field}"`, unknownField: field }
}
