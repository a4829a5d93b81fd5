import { cp, mkdir, readdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, runOrFail, temporaryDirectory, type TemporaryDirectory } from '../support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What a checkout has that the package is made of; the checkout itself stays as it is. */
const SOURCES = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
  'src',
  'config',
  'docs',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
]

let directory: TemporaryDirectory
/** The package as it lies in somebody's node_modules. */
let installed: string

beforeAll(async () => {
  directory = await temporaryDirectory('package')
  const checkout = join(directory.path, 'checkout')
  const modules = join(directory.path, 'node_modules')
  installed = join(modules, 'postern')
  for (const name of SOURCES) await cp(join(ROOT, name), join(checkout, name), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
  await mkdir(join(checkout, 'config/data'), { recursive: true })
  await cp(join(checkout, 'package.json'), join(checkout, 'config/data/postern.db'))
  const packed = await runOrFail('npm', ['pack', '--silent'], { cwd: checkout })
  await mkdir(installed, { recursive: true })
  const tarball = join(checkout, packed.trim().split('\n').at(-1) ?? '')
  await runOrFail('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  await symlink(join(ROOT, 'node_modules'), join(installed, 'node_modules'))
})

afterAll(() => directory.remove())

async function filesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, encoding: 'utf8' })
  const found = await Promise.all(
    names.map(async (name) => ((await stat(join(folder, name))).isFile() ? [name] : [])),
  )
  return found.flat().toSorted()
}

test('the package has JavaScript for every source that it runs, and no TypeScript', async () => {
  const sources = await filesBelow(join(ROOT, 'src'))
  const expected = sources
    .filter((name) => name !== 'config/write-json-schema.ts' && !name.startsWith('console/'))
    .map((name) => name.replace(/\.ts$/, '.js'))
  const built = await filesBelow(join(installed, 'dist'))
  expect(built.filter((name) => !name.startsWith('console/'))).toEqual(expected.toSorted())
})

test('the package has the console, built', async () => {
  const built = await filesBelow(join(installed, 'dist/console'))
  expect(built).toContain('index.html')
  expect(built.filter((name) => name.endsWith('.js'))).not.toEqual([])
  expect(built.filter((name) => !/\.(html|js|css|svg)$/.test(name))).toEqual([])
})

test('the package has the demo whole, and nobody’s data', async () => {
  expect(await filesBelow(join(installed, 'config/demo'))).toEqual(
    await filesBelow(join(ROOT, 'config/demo')),
  )
  expect(await readdir(join(installed, 'config'))).not.toContain('data')
})

test('the package has what people read, and no tests', async () => {
  const names = await readdir(installed)
  expect(names).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'docs']))
  expect(names).not.toContain('test')
  expect(names).not.toContain('src')
})

test('the packed program runs from node_modules, where Node reads no TypeScript', async () => {
  const main = join(installed, 'dist/main.js')
  const { code, output } = await run(process.execPath, [main, 'check-config', 'config/postern.yaml'], {
    cwd: installed,
  })
  expect(output).not.toContain('ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING')
  expect(code).toBe(0)
})
