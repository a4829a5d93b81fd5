import { expect, test } from 'vitest'
import { FORMAT_DELIVERIES } from '../../src/deliver/formats.ts'
import type { Artifact, Format } from '../../src/policy/types.ts'
import { readPublicKey } from '../../src/gateway/setup/public-key.ts'
import { orderFor } from '../deliver/orders.ts'
import { processorMs } from '../support/stopwatch.ts'

/** A storage may send far more. A step that is not linear would take minutes. */
const LENGTH = 400_000
const LONGEST_MS = 3000
const STORAGE = new URL('https://storage.example.com/files/')

/** A document of a storage that means ill: `before`, `piece` without end, `after`. */
type Hostile = readonly [format: Format, path: string, before: string, piece: string, after: string]

const HELM = 'index.yaml'
const ENTRY = 'entries:\n  a:\n  - name: a\n    '
const PACKAGE = '{"packages":{"acme/a":[{"name":"acme/a","version":"1","dist":{"type":"zip","url":"https://x/'

const DOCUMENTS: readonly Hostile[] = [
  ['helm', HELM, 'apiVersion:', ' ', 'v1\rx\nentries: {}\n'],
  ['helm', HELM, 'entries:\n  a:', ' ', 'x\n'],
  ['helm', HELM, 'entries:\n  a: []', ' ', 'x\n'],
  ['helm', HELM, `${ENTRY}description:`, ' ', 'x\ry\n'],
  ['helm', HELM, `${ENTRY}urls:\n    - `, ' ', 'x y\n'],
  ['composer', 'packages.json', PACKAGE, '.gz?', '\\n"}}]}}'],
  ['python', 'simple/a/', '<a href="', '&amp;', '">x</a>'],
  ['python', 'simple/a/', '', '<a ', ''],
  ['python', 'simple/a/', '<a ', 'x ', '>'],
  ['python', 'simple/a/', '', '<!--', ''],
  ['python', 'simple/a/', '', '<script>', ''],
  ['npm', 'a', '{"versions":{"1.0.0":{"dist":{"tarball":"', '\\\\', '"}}}}'],
  ['npm', 'a', '{"x":', '[', ''],
  ['npm', 'a', '{"x":"', '\\"', '"}'],
  ['nuget', 'v2/Packages', '<feed>', ' href="', ''],
  ['nuget', 'v2/Packages', '<feed>', '<id>', ''],
  ['ruby', 'versions', '---\na ', ',1', ' 0\n'],
]

test.each(DOCUMENTS)('a document of %s, %s, that repeats after %j %j is read at once', async (...hostile) => {
  const [format, path, before, piece, after] = hostile
  const filename = path.slice(path.lastIndexOf('/') + 1)
  const artifact: Artifact = { format, kind: 'metadata', path, filename, name: 'a' }
  const order = orderFor(path, { artifact, includes: () => true })
  const document = Buffer.from(before + piece.repeat(LENGTH / piece.length) + after)
  const started = processorMs()
  // Refused or not.
  await FORMAT_DELIVERIES[format]
    .createRewriter?.(STORAGE)
    .rewrite(document, order)
    .catch(() => undefined)
  expect(processorMs() - started).toBeLessThan(LONGEST_MS)
})

test.each(['\n\n', '\nA: b\n\n', '\n\n=', '\n'])('nor is a key with blocks that do not end, %j', (lines) => {
  const started = processorMs()
  expect(readPublicKey(Buffer.from(`-----BEGIN PGP PUBLIC KEY BLOCK-----${lines}`.repeat(20_000)))).toBe(
    undefined,
  )
  expect(processorMs() - started).toBeLessThan(LONGEST_MS)
})
