import { FORMAT_POLICIES, FORMATS } from './formats.ts'
import { compileGlob } from './glob.ts'
import type { Format } from './types.ts'
import type { VersionTest } from './versions/versions-of.ts'
import { versionRange } from './versions/versions.ts'

/** One rule of a token's package scope, compiled. */
export interface PackageRule {
  readonly forbids: boolean
  readonly hasRange: boolean
  readonly matchesName: (format: Format, name: string) => boolean
  /** Where nothing can be told about the version, a rule that forbids matches and one that allows does not. */
  readonly matchesVersion: (format: Format, version: string | undefined) => boolean
}

/** Longest rule that is accepted, in characters. Bounds the work for one request. */
const LONGEST_RULE = 512

/**
 * Compiles `[!][format:]name[@range]`, or says what is wrong with it. The range begins at the last `@`, except at one in the first
 * place: `@acme/widget@^1.2`. An `@` inside a name is written `?`. Without a format the range must make sense for every format.
 */
export function parsePackageRule(rule: string): PackageRule | string {
  if (rule.length > LONGEST_RULE) return `the rule is longer than ${LONGEST_RULE} characters`
  const { forbids, format, name, range } = splitRule(rule)
  const problem = problemOfName(name)
  if (problem !== undefined) return `"${rule}": ${problem}`
  const tests = compileRanges(format, range, forbids)
  if (typeof tests === 'string') return `"${rule}": ${tests}`
  const matches = compileName(name)
  return {
    forbids,
    hasRange: range !== undefined,
    matchesName: (given, text) => (format === undefined || format === given) && matches(given, text),
    matchesVersion: (given, version) => {
      if (range === undefined) return true
      return version === undefined ? forbids : (tests.get(given)?.(version) ?? forbids)
    },
  }
}

/** A rule's name is written as its format spells names: `python:My_Package` is `my-package`. */
function compileName(name: string): PackageRule['matchesName'] {
  const written = compileGlob(name)
  const spelled = new Map(
    FORMATS.flatMap((format) => {
      const { spellName } = FORMAT_POLICIES[format]
      return spellName === undefined ? [] : [[format, compileGlob(spellName(name))]]
    }),
  )
  return (format, text) => (spelled.get(format) ?? written)(text)
}

interface RuleText {
  readonly forbids: boolean
  readonly format: Format | undefined
  readonly name: string
  readonly range: string | undefined
}

function splitRule(rule: string): RuleText {
  const forbids = rule.startsWith('!')
  const body = forbids ? rule.slice(1) : rule
  const format = FORMATS.find((each) => body.startsWith(`${each}:`))
  const rest = format === undefined ? body : body.slice(format.length + 1)
  const at = rest.lastIndexOf('@')
  if (at <= 0) return { forbids, format, name: rest, range: undefined }
  return { forbids, format, name: rest.slice(0, at), range: rest.slice(at + 1) }
}

/** Names that could match nothing, because of how the rule is written. */
function problemOfName(name: string): string | undefined {
  if (name.trim() === '') return 'the name is missing'
  if (name !== name.trim()) return 'there are spaces around the name'
  if (name.startsWith('/')) return 'no name begins with "/"'
  return name.endsWith('/') ? 'no name ends in "/"; write "/**" for all that lies below' : undefined
}

const NO_TESTS: ReadonlyMap<Format, VersionTest> = new Map()

function compileRanges(
  format: Format | undefined,
  range: string | undefined,
  forbids: boolean,
): ReadonlyMap<Format, VersionTest> | string {
  if (range === undefined) return NO_TESTS
  const tests = new Map<Format, VersionTest>()
  for (const each of format === undefined ? FORMATS : [format]) {
    const test = versionRange(each, range, forbids)
    if (typeof test !== 'function') return explain(test.problem, format, each)
    tests.set(each, test)
  }
  return tests
}

function explain(problem: string, format: Format | undefined, failed: Format): string {
  if (format !== undefined) return problem
  return `${problem} (read for ${failed}; begin the rule with its format, such as "npm:", when it is meant for one)`
}
