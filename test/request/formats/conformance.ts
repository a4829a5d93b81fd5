import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Artifact, ArtifactKind, Format } from '../../../src/policy/types.ts'
import { recognizers } from '../../../src/request/formats/formats.ts'

/** What the conformance suite needs to know of a format. */
export interface FormatSamples {
  readonly format: Format
  /** Paths of packages. A raw one needs an end such as `.exe`: without, it can't be told from a directory when a slash follows. */
  readonly packages: readonly [string, ...string[]]
  /** Pieces of the format's paths, of which new ones are put together. */
  readonly pieces: readonly string[]
}

const CHARGED: ReadonlySet<ArtifactKind> = new Set(['package', 'unknown'])
const COMMON_PIECES = [
  '/',
  '-',
  '_',
  '.',
  '@',
  ' ',
  '1.0',
  '1.0.0',
  'a',
  'tar.gz',
  'asc',
  'sha256',
  'key.asc',
  'ü',
]
/** What some file system or server takes for nothing. */
const ENDINGS = ['.', ' ', '. ', '/', '::$DATA', '\u200b', ';x', '%00', '%20', '\u0301']
const LONG = 200_000
/** Generous: a quadratic step would take minutes. */
const LONG_MS = 5000

/** Tests what every recognizer guarantees. */
export function testRecognizer({ format, packages, pieces }: FormatSamples): void {
  const recognize = recognizers[format]
  const built = fc.array(fc.constantFrom(...COMMON_PIECES, ...pieces), { maxLength: 12 })
  const paths = fc.oneof(
    built.map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  )

  describe(`the recognizer of ${format}`, () => {
    test('leaves every path as it is, and takes the file name from its end', () => {
      fc.assert(
        fc.property(paths, (path) => {
          const artifact = recognize(path)
          expect(artifact).toMatchObject({ format, path, filename: path.split('/').at(-1) })
        }),
      )
    })

    test('says the same of the same path', () => {
      fc.assert(
        fc.property(paths, (path) => {
          expect(recognize(path)).toEqual(recognize(path))
        }),
      )
    })

    test('names packages, and nothing that it does not know', () => {
      fc.assert(
        fc.property(paths, (path) => {
          expect(isNamedRight(recognize(path))).toBe(true)
        }),
        { numRuns: 2000 },
      )
    })

    test('takes a directory for nothing but a listing or something unknown', () => {
      fc.assert(
        fc.property(paths, (path) => {
          expect(['listing', 'unknown']).toContain(recognize(`${path}/`).kind)
        }),
      )
    })

    test('knows its packages', () => {
      expect(packages.filter((path) => recognize(path).kind !== 'package')).toEqual([])
    })

    test('never gives a package away under another spelling', () => {
      fc.assert(
        fc.property(respellings(packages), (path) => {
          expect(CHARGED).toContain(recognize(path).kind)
        }),
        { numRuns: 5000 },
      )
    })

    test('takes time linear in the path', () => {
      const started = performance.now()
      for (const piece of [...COMMON_PIECES, ...pieces, ...packages]) {
        const long = piece.repeat(LONG / piece.length)
        for (const path of [long, `${long}!`, `${packages[0]}${long}`, `${long}${packages[0]}`])
          recognize(path)
      }
      expect(performance.now() - started).toBeLessThan(LONG_MS)
    })
  })
}

/** Paths of packages as a forgiving storage might also find them: other case, something after a segment, both. */
function respellings(packages: readonly [string, ...string[]]): fc.Arbitrary<string> {
  const ending = fc.constantFrom('', ...ENDINGS)
  return fc
    .record({
      path: fc.constantFrom(...packages),
      flips: fc.infiniteStream(fc.boolean()),
      at: fc.nat(),
      ending,
    })
    .map(({ path, flips, at, ending: end }) => {
      const flipped = Array.from(path, (one) => (flips.next().value === true ? flipCase(one) : one)).join('')
      const segments = (at % 2 === 0 ? path : flipped).split('/')
      const chosen = at % 3 === 0 ? segments.length - 1 : at % segments.length
      return segments.map((one, index) => (index === chosen ? one + end : one)).join('/')
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
