import { FORMAT_POLICIES, FORMATS } from '../formats.ts'
import type { Format } from '../types.ts'
import type { VersionTest } from '../versions/versions-of.ts'
import { versionRange } from '../versions/versions.ts'
import { compilePattern, fold } from './pattern.ts'
import { both, type Judge } from './truth.ts'

/** A version, and the format whose order it belongs to. */
export interface VersionSubject {
  readonly format: Format
  readonly version: string
}

const OPERATOR = /^(?:~=|>=|<=|>|<|=)/
/** One version and nothing else: a range of several terms is written with AND and OR. */
const BOUND = /^[A-Za-z0-9][A-Za-z0-9.+~^:_-]*$/
const NUMBERS = /^[0-9]+(?:\.[0-9]+)+$/

/**
 * Compiles the value of a `version:` term.
 *
 * - `>V`, `>=V`, `<V`, `<=V`, `=V` compare in the format's own order, as in versions.ts. `~=V` is V and what follows it without
 *   changing any number of V but the last: `~=1.4` is `>=1.4` below 2, `~=1.4.2` is `>=1.4.2` below 1.5; prereleases of 2 and 1.5
 *   lie beyond.
 * - A value that begins with a digit, without `^`, `$` and `*`, can be read as equal and as contained. It holds where both readings
 *   do and fails where both do.
 * - Anything else is a pattern (pattern.ts) over the text.
 *
 * Nothing can be told of text that is no version of its format, nor of npm's prereleases that a range does not name.
 */
export function compileVersionTerm(value: string): Judge<VersionSubject> | string {
  const operator = OPERATOR.exec(value)?.[0]
  if (operator !== undefined) return compileComparison(operator, value.slice(operator.length))
  const pattern = compilePattern(value)
  if (typeof pattern === 'string') return pattern
  const contains: Judge<VersionSubject> = ({ version }) => pattern.matches(fold(version))
  return /^[0-9][^*]*$/.test(value) && !value.endsWith('$') ? both(equals(value), contains) : contains
}

function compileComparison(operator: string, bound: string): Judge<VersionSubject> | string {
  if (bound === '') return `a version is missing after ${operator}`
  if (!BOUND.test(bound)) return `"${bound}" is not one version`
  if (operator === '~=' && !NUMBERS.test(bound)) return 'after ~= write two or more numbers, such as 1.4'
  const rangeOf = operator === '~=' ? compatibleRange : (_: Format, version: string) => operator + version
  return inRange(bound, rangeOf) ?? `"${bound}" is no version of any format`
}

/** The range from `bound` to where a number before its last one changes. */
function compatibleRange(format: Format, bound: string): string {
  const numbers = bound.split('.').slice(0, -1)
  const next = [...numbers.slice(0, -1), String(BigInt(numbers.at(-1) ?? 0) + 1n)]
  return `>=${bound} <${FORMAT_POLICIES[format].versions.lowest(next.join('.'))}`
}

/** undefined when no format understands the range. A format that does not can't tell anything of its versions. */
function inRange(
  bound: string,
  rangeOf: (format: Format, bound: string) => string,
): Judge<VersionSubject> | undefined {
  const tests = new Map<Format, readonly [VersionTest, VersionTest]>()
  for (const format of FORMATS) {
    const [least, most] = [false, true].map((inDoubt) =>
      versionRange(format, rangeOf(format, bound), inDoubt),
    )
    if (typeof least === 'function' && typeof most === 'function') tests.set(format, [least, most])
  }
  if (tests.size === 0) return undefined
  return ({ format, version }) => {
    const [least, most] = tests.get(format) ?? []
    const holds = least?.(version)
    return holds === most?.(version) ? holds : undefined
  }
}

/** The very same text is equal in every format. */
function equals(value: string): Judge<VersionSubject> {
  const folded = fold(value)
  const inOrder = BOUND.test(value) ? inRange(value, (_, version) => `=${version}`) : undefined
  return (subject) => fold(subject.version) === folded || (inOrder === undefined ? false : inOrder(subject))
}
