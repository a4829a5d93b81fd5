import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, parseDocument, stringify } from 'yaml'
import type { DeliveryOrder } from '../../../src/deliver/contract.ts'
import { FORMAT_RULES } from '../../../src/request/formats/formats.ts'
import { deliver, orderFor, refusalOf } from '../orders.ts'
import { fixedStorage } from './documents.ts'
import { rewritingOf } from './rewriter-of.ts'

const STORAGE = 'https://charts.example.com/root/'

function order(more: Partial<DeliveryOrder> = {}, path = 'index.yaml'): DeliveryOrder {
  return orderFor('', { artifact: FORMAT_RULES.helm.recognize(path), ...more })
}

/** A token that may fetch these versions of all charts. */
function only(...versions: readonly string[]): Pick<DeliveryOrder, 'includes'> {
  return { includes: (path) => versions.includes(FORMAT_RULES.helm.recognize(path).version ?? '') }
}

/** The index as the client gets it; rejects with what the operator is told. */
async function rewrite(index: string, asked: DeliveryOrder = order(), storage = STORAGE): Promise<string> {
  const failures: string[] = []
  const onFailure = (error: Error): void => void failures.push(error.message)
  const deliverer = rewritingOf('helm', fixedStorage(index, []).deliverer, storage, { onFailure })
  const opened = await deliverer.open(asked)
  if (!opened.ok) throw new Error(failures[0] ?? opened.code)
  return (await deliver(deliverer, asked)).content.toString()
}

const COMPACT = `apiVersion: v1
entries:
  acme-lib:
  - apiVersion: v2
    dependencies:
    - name: other
      repository: https://other.example.com/
    description: 'of lines
      that go on'
    name: acme-lib
    urls:
    - ${STORAGE}charts/acme-lib-0.1.0.tgz
    version: 0.1.0
  # two of them
  acme-tool:
  - name: acme-tool
    urls:
    - ${STORAGE}charts/acme-tool-2.0.0.tgz
    version: 2.0.0
  - name: acme-tool
    urls:
    - ${STORAGE}charts/acme-tool-1.0.0.tgz
    version: 1.0.0
generated: "2026-01-01T00:00:00Z"
`
/** The same as older versions of Helm, and people, write it. */
const INDENTED = COMPACT.replaceAll(/^ {2}(?= *- | {2})/gm, '    ')

describe.each([
  ['not indented', COMPACT],
  ['indented', INDENTED],
  ['with the line breaks of Windows', COMPACT.replaceAll('\n', '\r\n')],
])('an index whose lists are %s', (_, index) => {
  test('leads to below the index, and stays in every other byte', async () => {
    expect(await rewrite(index)).toBe(
      index.replaceAll(/https:\/\/charts\S+/g, (url) => `"${url.slice(STORAGE.length)}"`),
    )
  })

  test('names only versions that the client may fetch, and no chart without one', async () => {
    const found = await rewrite(index, order(only('1.0.0')))
    expect(parse(found)).toEqual({
      apiVersion: 'v1',
      entries: {
        'acme-tool': [{ name: 'acme-tool', urls: ['charts/acme-tool-1.0.0.tgz'], version: '1.0.0' }],
      },
      generated: '2026-01-01T00:00:00Z',
    })
  })

  test('is refused when nothing of it is left', async () => {
    const deliverer = rewritingOf('helm', fixedStorage(index, []).deliverer, STORAGE, {
      onFailure: () => undefined,
    })
    expect(await refusalOf(deliverer, order(only('9.0.0')))).toBe('package_not_covered')
  })
})

test.each([
  [`${STORAGE}charts/a-1.0.0.tgz`, 'charts/a-1.0.0.tgz'],
  ['/root/charts/a-1.0.0.tgz', 'charts/a-1.0.0.tgz'],
  ['//charts.example.com/root/a-1.0.0.tgz', 'a-1.0.0.tgz'],
  ['HTTPS://Charts.example.com:443/root/a-1.0.0.tgz?sig=1#x', 'a-1.0.0.tgz'],
  ['charts/a-1.0.0.tgz', 'charts/a-1.0.0.tgz'],
  ['./a-1.0.0.tgz', 'a-1.0.0.tgz'],
  ['../../a-1.0.0.tgz', 'a-1.0.0.tgz'],
  ['https://cdn.example.net/root/charts/a-1.0.0.tgz', 'charts/a-1.0.0.tgz'],
  ['https://cdn.example.net/files/a-1.0.0.tgz', 'files/a-1.0.0.tgz'],
  [`${STORAGE}a-1.0.0%2Bb.tgz`, 'a-1.0.0%2Bb.tgz'],
  [`${STORAGE}a-1.0.0+b.tgz`, 'a-1.0.0%2Bb.tgz'],
  ['a-1.0.0+b.tgz', 'a-1.0.0+b.tgz'],
])('leads %s to %s', async (url, place) => {
  const index = `entries:\n  a:\n  - urls:\n    - ${url}\n`
  expect(parse(await rewrite(index))).toEqual({ entries: { a: [{ urls: [place] }] } })
  const json = JSON.stringify({ entries: { a: [{ urls: [url] }] } })
  expect(JSON.parse(await rewrite(json))).toEqual({ entries: { a: [{ urls: [place] }] } })
})

test.each([
  [`${STORAGE}stable/charts/a-1.0.0.tgz`, 'charts/a-1.0.0.tgz'],
  [`${STORAGE}incubator/a-1.0.0.tgz`, '../incubator/a-1.0.0.tgz'],
  [`${STORAGE}stab/a-1.0.0.tgz`, '../stab/a-1.0.0.tgz'],
])('leads %s to %s from an index in a folder', async (url, place) => {
  const found = await rewrite(`entries:\n  a:\n  - urls:\n    - ${url}\n`, order({}, 'stable/index.yaml'))
  expect(parse(found)).toEqual({ entries: { a: [{ urls: [place] }] } })
})

test('leaves out versions that lie in another kind of registry, and those without a place for who may not fetch all', async () => {
  const index = `entries:
  a:
  - urls: [oci://registry.example.com/a]
  - urls: [a-1.0.0.tgz, "ftp://x.example.com/a-1.0.0.tgz"]
  - version: 1.0.0
  - urls: []
  - urls:
`
  expect(parse(await rewrite(index))).toEqual({
    entries: { a: [{ version: '1.0.0' }, { urls: [] }, { urls: null }] },
  })
  await expect(rewrite(index, order(only('1.0.0')))).rejects.toThrow('package_not_covered')
})

const URL = `${STORAGE}a-1.0.0.tgz`
const READ = { entries: { a: [{ urls: ['a-1.0.0.tgz'] }] } }

test.each([
  `---\nentries:\n  a:\n  - urls:\n    - ${URL}\n`,
  `\ufeffentries:\n  a:\n  - urls:\n    - ${URL}\n`,
  `# by hand\n\n"entries": # all\n    'a': # one\n        -   urls:\n                - "${URL}"`,
  `entries:\n a:\n -\n  urls:\n  - ${URL}`,
  `entries:\n  a:\n  - urls:\n\n    # here\n    - '${URL}' # there\n`,
  `entries:\n  a:\n  - {urls: [${URL}]}\n`,
  `entries:\n  a:\n  - urls:\n    - >-\n      ${URL}\n`,
  `entries:\n  a:\n    - urls: &u\n      - ${URL}\n`,
  JSON.stringify({ entries: { a: [{ urls: [URL] }] } }),
  `\n {"entries": {"a": [{"urls": ["${URL.replaceAll('/', '\\/')}"]}]}}`,
])('understands %j', async (index) => {
  expect(parse(await rewrite(index))).toEqual(READ)
})

test.each([
  '',
  'apiVersion: v1\n',
  'apiVersion: v1\nentries: {}\n',
  'entries:\n',
  'entries: null # none\ngenerated: x\n',
  'entries:\n  a: []\n  b:\n',
  'serverInfo:\n  contextPath: /x\nkeywords:\n- a\nentries: {}\n',
  '{"apiVersion":"v1","entries":{}}',
  '{"entries":{"a":[],"b":null}}',
  '{"entries":null}',
])('leaves an index without versions as it is: %j', async (index) => {
  expect(await rewrite(index, order(only('1.0.0')))).toBe(index)
})

const BAD = `    - ${URL}\n`

test.each([
  '<html></html>',
  'entries: {a: []}\n',
  'entries:\n  a: {}\n',
  'entries:\n  ? a\n  : - urls:\n',
  'entries:\n- a\n',
  'entries:\n  - a\n',
  `entries:\n\ta:\n  - urls:\n${BAD}`,
  `entries:\n  a:\n  - urls:\n${BAD}entries:\n  b:\n  - urls:\n${BAD}`,
  `entries:\n  a:\n  - urls:\n${BAD}---\nentries:\n`,
  `entries:\n  a:\n  - urls:\n${BAD}...\n`,
  `entries:\n  a:\n  - urls:\n${BAD} b:\n`,
  `entries:\n  a:\n    urls:\n${BAD}`,
  `entries:\n  a: &x\n  - urls:\n${BAD}`,
  `entries:\n  a:\n  - urls: *x\n`,
  `x: &x {urls: [${URL}]}\nentries:\n  a:\n  - <<: *x\n`,
  `entries:\n  a:\n  - <<: {urls: [${URL}]}\n`,
  `entries:\n  a:\n  - urls:\n    - *x\n`,
  `entries:\n  a:\n  - urls: ${URL}\n`,
  `entries:\n  a:\n  - urls:\n    - x: ${URL}\n`,
  `entries:\n  a:\n  - urls:\n${BAD}    urls:\n${BAD}`,
  `entries:\n  a:\n  - description: "open\n    urls:\n${BAD}`,
  `entries:\n  a:\n  - description: "open\n  - urls:\n${BAD}    x: "\n`,
  `entries:\n  a:\n  - x: [open,\n    urls:\n${BAD}`,
  `entries:\n  a:\n  - just text\n`,
  '{"entries":{"a":[{"urls":[1]}]}}',
  `{"entries":{"a":[{"urls":"${URL}"}]}}`,
  `{"entries":{"a":{"urls":["${URL}"]}}}`,
  `{"entries":[{"urls":["${URL}"]}]}`,
  '{"entries":',
])('refuses %j', async (index) => {
  await expect(rewrite(index)).rejects.toThrow(/index\.yaml|no JSON/)
})

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'urls:\n- https://evil.example.com/a-1.0.0.tgz',
    '- urls:\n  - x',
    '---',
    'entries:\n  a:\n  - urls:\n    - x',
    "it's",
    '"quoted"',
    'of long lines '.repeat(20),
    '# no comment',
    '\n\n  indented\nback\n',
    'ü: ñ',
    '[a, b',
    '& * ! % @ `',
  ),
)
const chart = fc.record(
  {
    description: text,
    keywords: fc.array(text, { maxLength: 3 }),
    dependencies: fc.array(fc.record({ name: text, repository: text }), { maxLength: 2 }),
    annotations: fc.dictionary(text, text, { maxKeys: 2 }),
  },
  { requiredKeys: [] },
)

test('reads an index that the storage has compressed', async () => {
  const storage = fixedStorage(gzipSync(COMPACT), ['content-encoding', 'gzip', 'content-type', 'text/yaml'])
  const deliverer = rewritingOf('helm', storage.deliverer, STORAGE, { onFailure: () => undefined })
  const answer = await deliver(deliverer, order())
  expect([answer.header('content-encoding'), answer.header('content-type')]).toEqual([undefined, 'text/yaml'])
  expect(answer.content.toString()).toBe(await rewrite(COMPACT))
})

interface Index {
  readonly entries: Readonly<Record<string, readonly { readonly urls: readonly string[] }[]>>
}

/** What is to be left of an index for who may fetch versions that end in 1. */
function reduced(index: Index): Index {
  const charts = Object.entries(index.entries).flatMap(([name, list]) => {
    const kept = list.filter(({ urls }) => urls[0]?.endsWith('1.tgz'))
    const changed = kept.map((each) => ({ ...each, urls: each.urls.map((url) => url.replace(STORAGE, '')) }))
    return kept.length === 0 && list.length > 0 ? [] : [[name, changed] as const]
  })
  return { ...index, entries: Object.fromEntries(charts) }
}

test('reads every index as others do, however it was written', async () => {
  const places = fc.constantFrom(
    'charts/a-1.0.0.tgz',
    'a-1.0.1.tgz',
    `${STORAGE}a-1.0.0.tgz`,
    `${STORAGE}a-1.0.1.tgz`,
  )
  const version = fc.tuple(chart, places).map(([data, place]) => ({ ...data, urls: [place] }))
  const name = fc.stringMatching(/^[a-z][a-z-]{0,8}$/)
  const entries = fc.dictionary(name, fc.array(version, { maxLength: 3 }), { minKeys: 1 })
  const options = fc.record({
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 20, 80),
    defaultStringType: fc.constantFrom(
      'PLAIN',
      'QUOTE_SINGLE',
      'QUOTE_DOUBLE',
      'BLOCK_FOLDED',
      'BLOCK_LITERAL',
    ),
    indent: fc.constantFrom(2, 4),
  } as const)
  let [judged, left] = [0, 0]
  await fc.assert(
    fc.asyncProperty(entries, options, async (all, how) => {
      const index = stringify({ apiVersion: 'v1', entries: all, generated: 'now' }, how)
      // The writer of YAML makes mistakes where lines are short.
      fc.pre(parseDocument(index).errors.length === 0)
      const expected = reduced(parse(index) as Index)
      const found = await rewrite(index, order({ includes: (path) => path.endsWith('1.tgz') })).catch(String)
      judged++
      if (found === 'Error: package_not_covered') return Object.values(expected.entries).flat().length === 0
      left++
      expect(parse(found)).toEqual(expected)
      return true
    }),
    { numRuns: 150 },
  )
  expect(left).toBeGreaterThan(judged / 4)
})

test('rewrites 20 MB and lets others run in between', async () => {
  const entry = (name: string, at: number): string =>
    `  - apiVersion: v2\n    description: ${'x'.repeat(300)}\n    name: ${name}\n    urls:\n    - ${STORAGE}${name}-1.0.${at}.tgz\n    version: 1.0.${at}\n`
  const charts = Array.from({ length: 200 }, (_, index) => {
    const name = `chart${index}`
    return `  ${name}:\n${Array.from({ length: 220 }, (__, at) => entry(name, at)).join('')}`
  })
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const found = await rewrite(`entries:\n${charts.join('')}`, order(only('1.0.7')))
  clearInterval(timer)
  expect(Object.keys((parse(found) as { entries: object }).entries)).toHaveLength(200)
  expect(turns).toBeGreaterThan(20)
})
