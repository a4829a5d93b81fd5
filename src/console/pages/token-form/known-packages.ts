import { compilePackageQuery } from '../../../policy/query/package-query.ts'
import { compilePathQuery } from '../../../policy/query/path-query.ts'
import { compilePackageRules } from '../../../policy/scope.ts'
import type { Artifact } from '../../../policy/types.ts'
import type { PackageJson, RepositoryJson } from '../../api/types.ts'
import { entriesOf } from '../../words/entries.ts'
import type { Draft } from './draft.ts'

/** Packages by what a form would do to them. `untold`: their names alone do not say. */
export interface Sorted {
  readonly opened: readonly PackageJson[]
  readonly kept: readonly PackageJson[]
  readonly untold: readonly PackageJson[]
}

type Scope = Pick<Draft, 'limit_packages' | 'limit_package_query' | 'limit_path_query'>

/** Sorts packages by the rules and queries of a form, by the gate's own code. undefined: there are mistakes in them. */
export function sortPackages(
  scope: Scope,
  repository: RepositoryJson,
  packages: readonly PackageJson[],
): Sorted | undefined {
  const judge = judgeOf(scope, repository)
  if (judge === undefined) return undefined
  const judged = packages.map((each) => [each, judge(artifactOf(each, repository))] as const)
  const only = (verdict: boolean | undefined): PackageJson[] =>
    judged.filter(([, each]) => each === verdict).map(([each]) => each)
  return { opened: only(true), kept: only(false), untold: only(undefined) }
}

function judgeOf(
  { limit_packages: rules, limit_package_query: query, limit_path_query: paths }: Scope,
  { namespace, name }: RepositoryJson,
): ((artifact: Artifact) => boolean | undefined) | undefined {
  const byRules = rules === null ? undefined : compilePackageRules(entriesOf(rules))
  const byQuery = isEmpty(query) ? undefined : compilePackageQuery(query ?? '')
  const byPath = isEmpty(paths) ? undefined : compilePathQuery(paths ?? '')
  if (byRules?.ok === false || byQuery?.ok === false || byPath?.ok === false) return undefined
  return (artifact) => {
    const verdicts = new Set([
      byRules === undefined || byRules.covers(artifact),
      byQuery === undefined || byQuery.judge(artifact, namespace, name),
      byPath === undefined || (artifact.format === 'raw' ? byPath.judge(artifact) : undefined),
    ])
    if (verdicts.has(false)) return false
    return verdicts.has(undefined) ? undefined : true
  }
}

function isEmpty(text: string | null): boolean {
  return text === null || text.trim() === ''
}

/** The file of a package that was downloaded. Neither its architecture is known here nor, but for raw files, its path. */
function artifactOf({ name, version, filename }: PackageJson, { format }: RepositoryJson): Artifact {
  return {
    format,
    kind: 'package',
    path: format === 'raw' ? name : filename,
    name,
    ...(version === '' ? {} : { version }),
    filename,
  }
}
