import type { VersionOrder } from './order.ts'

/** Why a range can't be used; shown to the vendor when a token is saved. */
export interface BadRange {
  readonly problem: string
}

type Test<V> = (version: V) => boolean

type Comparison = readonly [operator: string, holds: (sign: number) => boolean]

/** The first that a term begins with counts; a bare version means equality. */
const COMPARISONS: readonly Comparison[] = [
  ['>=', (sign) => sign >= 0],
  ['<=', (sign) => sign <= 0],
  ['>', (sign) => sign > 0],
  ['<', (sign) => sign < 0],
  ['=', (sign) => sign === 0],
]
const BARE: Comparison = ['', (sign) => sign === 0]
const GLOB = /^(?:[0-9]+:)?[A-Za-z0-9.+~^_*?-]+$/

/**
 * Compiles a range in the grammar of versions.ts, for one order. `inDoubt` is the answer for text that is no version of the
 * format.
 */
export function compileRange<V>(
  order: VersionOrder<V>,
  range: string,
  inDoubt: boolean,
): Test<string> | BadRange {
  const alternatives: Test<V>[][] = []
  for (const alternative of range.split('||')) {
    const terms = compileTerms(order, alternative, inDoubt)
    if (!Array.isArray(terms)) return terms
    alternatives.push(terms)
  }
  return (text) => {
    const version = order.parse(text)
    if (version === undefined) return inDoubt
    return alternatives.some((terms) => terms.every((test) => test(version)))
  }
}

function compileTerms<V>(
  order: VersionOrder<V>,
  alternative: string,
  inDoubt: boolean,
): Test<V>[] | BadRange {
  const terms = splitTerms(alternative)
  if (terms.length === 0) return { problem: 'a version is missing' }
  const whole = order.alternative?.(alternative.replaceAll(',', ' '), inDoubt)
  if (whole !== undefined) return [whole]
  const tests: Test<V>[] = []
  for (const term of terms) {
    const test = compileTerm(order, term, inDoubt)
    if (typeof test !== 'function') return test
    tests.push(test)
  }
  return tests
}

/** Cuts at spaces and commas; an operator may stand apart from its version. */
function splitTerms(alternative: string): string[] {
  const terms: string[] = []
  let operator = ''
  for (const word of alternative.split(/[\s,]+/)) {
    const term = operator + word
    const isOperator = /^[<>=~^]*$/.test(term)
    if (!isOperator) terms.push(term)
    operator = isOperator ? term : ''
  }
  return operator === '' ? terms : [...terms, operator]
}

function compileTerm<V>(order: VersionOrder<V>, term: string, inDoubt: boolean): Test<V> | BadRange {
  if (/^[~^]/.test(term)) return compileNear(order, term, inDoubt)
  const [operator, holds] = COMPARISONS.find(([each]) => term.startsWith(each)) ?? BARE
  if (operator === '' && /[*?]/.test(term)) return compileGlobTerm(order, term)
  const text = term.slice(operator.length)
  const bound = order.parse(text)
  if (bound === undefined) return { problem: `"${text}" is not ${order.label}` }
  return (version) => holds(order.compare(version, bound))
}

function compileGlobTerm<V>(order: VersionOrder<V>, term: string): Test<V> | BadRange {
  return GLOB.test(term) ? order.glob(term) : { problem: `"${term}" has characters that no version has` }
}

function compileNear<V>(order: VersionOrder<V>, term: string, inDoubt: boolean): Test<V> | BadRange {
  if (order.near === undefined)
    return {
      problem: `"${term}": ^ and ~ mean nothing here; they are known for npm, go, helm, raw, hex, dart and swift`,
    }
  return order.near(term, inDoubt) ?? { problem: `"${term}" is not ${order.label} after ${term.charAt(0)}` }
}
