import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FORMATS } from '../../../src/policy/formats.ts'
import type { Artifact, ArtifactKind, Format } from '../../../src/policy/types.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { processorMs } from '../../support/stopwatch.ts'
import { meaningOf, readFixture, type FixtureRow } from './fixtures.ts'

const FEWEST_ROWS = 20
const RANDOM_PATHS = 100_000
const CHARGED: ReadonlySet<ArtifactKind> = new Set(['package', 'unknown'])
/** A name of a plain file is a path: `tool/` is as good a directory as any. */
const NAMED_LIKE_FOLDERS: ReadonlySet<Format> = new Set(['raw'])

const COMMON_PIECES =
  '/ - _ . @ + ~ % : ! 1.0 1.0.0 v1.0.0 a ü tar.gz .asc .sha256 key.asc index.json Packages.gz 1-1 2:1.0'
    .split(' ')
    .concat(' ')
/** What some file system or server takes for nothing. */
const ENDINGS = ['.', ' ', '. ', '/', '::$DATA', '\u200b', ';x', '%00', '%20', '\u0301']

describe.each(FORMATS)('%s', (format) => {
  const { recognize } = FORMAT_RULES[format]
  const rows = readFixture(format)
  const packages = rows.filter(({ meaning }) => meaning.startsWith('package ')).map(({ path }) => path)
  const pieces = piecesOf(rows)
  const paths = fc.oneof(
    fc.array(fc.constantFrom(...COMMON_PIECES, ...pieces), { maxLength: 12 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  )

  test('has a fixture with enough of what its clients ask for', () => {
    expect(rows.length).toBeGreaterThanOrEqual(FEWEST_ROWS)
    expect(packages.length).toBeGreaterThan(2)
    expect(new Set(rows.map(({ path }) => path)).size).toBe(rows.length)
  })

  test.each(rows)('$path is $meaning', ({ path, meaning }) => {
    expect(meaningOf(format, path)).toBe(meaning)
  })

  test('leaves every path as it is, takes the file name from its end, and says the same each time', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const artifact = recognize(path)
        expect(artifact).toMatchObject({ format, path, filename: path.split('/').at(-1) })
        expect(recognize(path)).toEqual(artifact)
      }),
    )
  })

  test(`understands or passes over ${RANDOM_PATHS} paths, and names packages, and nothing that it does not know`, () => {
    const wrong = fc.sample(paths, { numRuns: RANDOM_PATHS }).filter((path) => !isNamedRight(recognize(path)))
    expect(wrong.slice(0, 5)).toEqual([])
  })

  test('never takes a directory for a package, nor for something free without a name', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const { kind, name } = recognize(`${path}/`)
        expect(kind === 'listing' || kind === 'unknown' || (kind === 'metadata' && name !== undefined)).toBe(
          true,
        )
      }),
    )
  })

  test('never gives a package away under another spelling', () => {
    const samples = packages.filter(
      (path) => !NAMED_LIKE_FOLDERS.has(format) || /\.[a-z][a-z0-9]*$/.test(path),
    )
    fc.assert(
      fc.property(respellings(samples), (path) => {
        expect(CHARGED).toContain(recognize(path).kind)
      }),
      { numRuns: 5000 },
    )
  })

  test('takes time linear in the path', () => {
    const repeated = [...new Set([...COMMON_PIECES, ...pieces, ...packages])]
    expect(repeated.filter((piece) => !isLinear(recognize, piece, packages[0] ?? ''))).toEqual([])
  })
})

/** Pieces of a format's paths, of which new ones are put together: segments, and what they end in. */
function piecesOf(rows: readonly FixtureRow[]): string[] {
  const segments = rows.flatMap(({ path }) => path.split('/'))
  const ends = segments.flatMap((segment) => segment.match(/\.[^.]*$/)?.[0] ?? [])
  return [...new Set([...segments, ...ends])].filter((piece) => piece !== '')
}

const [SHORT, LONG] = [16_384, 131_072]
/** A linear step takes 8 times as long for 8 times the path, a quadratic one 64 times. */
const MOST_GROWTH = 24
/** Below this nothing is to be compared: a quadratic step takes seconds for the long path, and a busy machine some milliseconds. */
const UNMEASURABLE_MS = 50

/** Compares what paths of two lengths take, each the best of some tries, so that a busy machine does not count. */
function isLinear(recognize: (path: string) => Artifact, piece: string, sample: string): boolean {
  const shapes = (length: number): string[] => {
    const long = piece.repeat(length / piece.length)
    return [long, `${long}!`, `${sample}${long}`, `${long}${sample}`]
  }
  const [short, long] = [shapes(SHORT), shapes(LONG)]
  return long.every((path, index) => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const most = Math.max(UNMEASURABLE_MS, MOST_GROWTH * timeOf(recognize, short[index] ?? ''))
      if (timeOf(recognize, path) <= most) return true
    }
    return false
  })
}

function timeOf(recognize: (path: string) => Artifact, path: string): number {
  const started = processorMs()
  recognize(path)
  return processorMs() - started
}

/** Paths of packages as a forgiving storage might also find them: other case, something after a segment, both. */
function respellings(packages: readonly string[]): fc.Arbitrary<string> {
  return fc
    .record({
      path: fc.constantFrom(...packages),
      flips: fc.infiniteStream(fc.boolean()),
      at: fc.nat(),
      ending: fc.constantFrom('', ...ENDINGS),
    })
    .map(({ path, flips, at, ending }) => {
      const flipped = Array.from(path, (one) => (flips.next().value === true ? flipCase(one) : one)).join('')
      const segments = (at % 2 === 0 ? path : flipped).split('/')
      const chosen = at % 3 === 0 ? segments.length - 1 : at % segments.length
      return segments.map((one, index) => (index === chosen ? one + ending : one)).join('/')
    })
}

function flipCase(character: string): string {
  const upper = character.toUpperCase()
  return upper === character ? character.toLowerCase() : upper
}

/** Packages have a name; what can't be told and listings have neither name nor version. */
function isNamedRight({ kind, name, version }: Artifact): boolean {
  const mayBeNamed = kind !== 'unknown' && kind !== 'listing'
  return mayBeNamed ? kind !== 'package' || Boolean(name) : name === undefined && version === undefined
}
