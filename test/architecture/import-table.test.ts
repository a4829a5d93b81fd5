import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSource, type SourceFacts } from './read-source.ts'
import { findViolations, MAY_IMPORT } from './rules.ts'

const ROOT = join(import.meta.dirname, '../..')

function readSources(): SourceFacts[] {
  const names = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  const paths = names
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
  return paths.toSorted().map((path) => readSource(path, readFileSync(join(ROOT, path), 'utf8')))
}

/** What is wrong with files that nobody wrote. */
function judge(files: Readonly<Record<string, string>>): string[] {
  return findViolations(Object.entries(files).map(([path, text]) => readSource(path, text)))
}

test('the sources keep the import table and the rules of the house', () => {
  expect(findViolations(readSources())).toEqual([])
})

test('the table in the documentation is the one that is enforced', () => {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` +\| ([^|]*) \|/gm)].map(([, layer = '', may = '']) => [
    layer,
    may.trim() === 'nothing' ? [] : [...may.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  ])
  const layers = Object.entries(MAY_IMPORT).filter(([, may]) => may !== 'anything')
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(layers))
})

test.each([
  ['a static import', "import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'"],
  ['the import of a type', "import type { Store } from '../store/contract.ts'"],
  ['an import for its effects', "import '../store/contract.ts'"],
  ['an export from elsewhere', "export { StoreError } from '../store/contract.ts'"],
  ['an export of everything', "export * from '../store/contract.ts'"],
  ['a dynamic import', "const store = await import('../store/contract.ts')"],
  ['a type in place', "type S = import('../store/contract.ts').Store"],
])('%s against the table is reported', (_form, text) => {
  expect(judge({ 'src/policy/bad.ts': text })).toEqual([
    expect.stringMatching(/^src\/policy\/bad\.ts: policy may not import store/),
  ])
})

test('what only looks like an import is not reported', () => {
  const text = `// import '../store/contract.ts'\nconst text = "import '../store/contract.ts'"\n`
  expect(judge({ 'src/policy/good.ts': text })).toEqual([])
})

test.each([
  [
    'src/policy/bad.ts',
    "import { readFileSync } from 'node:fs'",
    'policy is pure and may not import node:fs',
  ],
  [
    'src/request/bad.ts',
    "import { request } from 'node:http'",
    'request is pure and may not import node:http',
  ],
  ['src/request/bad.ts', "import * as net from 'node:net'", 'request is pure and may not import node:net *'],
  ['src/gateway/bad.ts', "import { DatabaseSync } from 'node:sqlite'", 'only src/store/sqlite/ may import'],
  ['src/gateway/bad.ts', "import { x } from '../../test/x.ts'", 'outside src'],
  ['src/misc/bad.ts', 'export const x = 1', 'misc is not in the import table'],
  ['src/gateway/bad.ts', 'await import(name)', 'computed'],
  ['src/gateway/bad.ts', 'export default 1', 'no default'],
  ['src/gateway/bad.ts', 'const x = 1\nexport { x as default }', 'no default'],
  ['src/main.ts', "process.env['HOME']", 'reads process.env'],
  ['src/main.ts', "process['env']", 'reads process.env'],
  ['src/main.ts', 'const { env } = process', 'reads process.env'],
  ['src/main.ts', "import { env } from 'node:process'", 'reads process.env'],
  ['src/main.ts', 'globalThis.process.env', 'reads process.env'],
  ['src/store/bad.ts', 'process.exit(1)', 'process belongs to'],
  ['src/store/bad.ts', 'Date.now()', 'arguments'],
  ['src/store/bad.ts', 'new Date()', 'arguments'],
])('%s: %s is reported', (path, text, report) => {
  expect(judge({ [path]: text })).toEqual(expect.arrayContaining([expect.stringContaining(report)]))
})

test.each(['new Date(0)', 'ipaddr.process(text)', 'process.versions.node'])('%s is harmless', (text) => {
  expect(judge({ 'src/store/good.ts': text })).toEqual([])
})

test('a library in two layers is reported, unless a reason is on record', () => {
  const use = (library: string): string[] =>
    judge({
      'src/config/one.ts': `import { x } from '${library}'`,
      'src/admin/two.ts': `import { y } from '${library}/part'`,
    })
  expect(use('yaml')).toEqual(['src: yaml is imported in admin and config; one layer may'])
  expect(use('@acme/yaml')).toEqual(['src: @acme/yaml is imported in admin and config; one layer may'])
  expect(use('zod')).toEqual([])
})

test('a circle of imports is reported with its way', () => {
  const files = {
    'src/policy/a.ts': "import './b.ts'",
    'src/policy/b.ts': "import './c.ts'",
    'src/policy/c.ts': "import type { A } from './a.ts'",
  }
  expect(judge(files)).toEqual([
    'src/policy/a.ts: imports itself: src/policy/a.ts → src/policy/b.ts → src/policy/c.ts → src/policy/a.ts',
  ])
})

test('a file that does not parse is an error', () => {
  expect(() => readSource('src/policy/bad.ts', 'import {')).toThrow('src/policy/bad.ts')
})
