import * as fc from 'fast-check'
import type { VersionOrder } from '../../../src/policy/versions/order.ts'

/** Versions put together from `pieces`, so that many of them are alike; only what `order` can read. */
export function generateVersions<V>(order: VersionOrder<V>, pieces: readonly string[]): fc.Arbitrary<string> {
  const tail = fc.array(fc.constantFrom(...pieces), { maxLength: 6 })
  return fc
    .tuple(fc.constantFrom('0', '1', '01', '2', '10'), tail)
    .map(([head, rest]) => head + rest.join(''))
    .filter((text) => order.parse(text) !== undefined)
}

const number = fc.integer({ min: 0, max: 12 })
const tail = fc.constantFrom(
  '',
  '',
  '-rc.1',
  '-rc.2',
  '-rc.10',
  '-alpha',
  '-1',
  '-a.b',
  '+build.1',
  '-rc.1+x',
)

/** Semantic versions, prereleases and builds among them. */
export const semanticVersions: fc.Arbitrary<string> = fc
  .tuple(number, number, number, tail)
  .map(([a, b, c, end]) => `${a}.${b}.${c}${end}`)

/** The sign of the comparison of two texts; fails when one is no version. */
export function compareTexts<V>(order: VersionOrder<V>, a: string, b: string): number {
  const [x, y] = [order.parse(a), order.parse(b)]
  if (x === undefined || y === undefined) throw new Error(`${a} or ${b} is not ${order.label}`)
  return Math.sign(order.compare(x, y))
}

/**
 * Three versions that `order` does not put into one line: not the same from both sides, or not transitive. null when none are
 * found, so that it is a total order.
 */
export function findDisorder<V>(order: VersionOrder<V>, versions: fc.Arbitrary<string>): string[] | null {
  const isInLine = fc.property(versions, versions, versions, (...texts) => {
    const [a, b, c] = texts.toSorted((x, y) => compareTexts(order, x, y)) as [string, string, string]
    const [first, second] = [compareTexts(order, a, b), compareTexts(order, b, c)]
    const isAscending = first <= 0 && second <= 0 && compareTexts(order, a, c) === Math.min(first, second)
    const isMirrored = compareTexts(order, b, a) + first === 0 && compareTexts(order, a, a) === 0
    return isAscending && isMirrored
  })
  return fc.check(isInLine, { numRuns: 2000 }).counterexample
}

/** `count` pairs, the same ones each time. */
export function samplePairs(versions: fc.Arbitrary<string>, count: number): (readonly [string, string])[] {
  return fc.sample(fc.tuple(versions, versions), { numRuns: count, seed: 20_260_101 })
}
