import { coverageOf } from './coverage.ts'
import { parsePackageRule, type PackageRule } from './package-rule.ts'
import type { BadList, ListProblem } from './repositories.ts'
import type { Artifact } from './types.ts'

/** What a token may fetch of the repositories it covers. */
export interface PackageScope {
  readonly ok: true
  readonly covers: (artifact: Artifact) => boolean
}

/**
 * Compiles the package rules of a token, each `[!][format:]name[@range]`. The last rule that matches decides, a `!` forbids, and
 * what no rule matches is not covered; an empty list covers nothing. `name` is a glob (glob.ts) over the package's name, for raw
 * over the path; `range` as in versions.ts. All mistakes are reported at once.
 *
 * - A file with a name and a version needs a rule that covers both. One whose version can't be told matches no allowing rule
 *   with a range and every forbidding one.
 * - A file with a name only, such as npm's document of a package, is covered when some version may be.
 * - Other files are covered as coverage.ts says.
 */
export function compilePackageRules(rules: readonly string[]): PackageScope | BadList {
  const parsed = rules.map((rule) => parsePackageRule(rule))
  const problems = [...problemsOf(parsed), ...problemOfList(rules)]
  if (problems.length > 0) return { ok: false, problems }
  const compiled = parsed.filter((rule) => typeof rule !== 'string')
  return { ok: true, covers: (artifact) => covers(compiled, artifact) }
}

function problemsOf(parsed: readonly (PackageRule | string)[]): ListProblem[] {
  return parsed.flatMap((rule, index) => (typeof rule === 'string' ? [{ index, message: rule }] : []))
}

function problemOfList(rules: readonly string[]): ListProblem[] {
  if (rules.length === 0 || rules.some((rule) => !rule.startsWith('!'))) return []
  return [{ index: 0, message: 'every rule forbids, so that nothing is allowed; begin the list with "**"' }]
}

function covers(rules: readonly PackageRule[], artifact: Artifact): boolean {
  const coverage = coverageOf(artifact)
  const { name, version } = artifact
  if (name === undefined || coverage === 'always' || coverage === 'never') return coverage === 'always'
  const isAboutAll = coverage === 'companion' && version === undefined
  return isAboutAll ? coversSomeVersion(rules, artifact, name) : coversOne(rules, artifact, name)
}

function coversOne(rules: readonly PackageRule[], { format, version }: Artifact, name: string): boolean {
  const rule = rules.findLast(
    (each) => each.matchesName(format, name) && each.matchesVersion(format, version),
  )
  return rule !== undefined && !rule.forbids
}

/** A forbidding rule with a range leaves other versions to the rules before it. */
function coversSomeVersion(rules: readonly PackageRule[], { format }: Artifact, name: string): boolean {
  const rule = rules.findLast((each) => each.matchesName(format, name) && !(each.forbids && each.hasRange))
  return rule !== undefined && !rule.forbids
}
