import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { createApt } from '../support/apt.ts'
import { startNginx } from '../support/nginx.ts'

const CONFIG = join(import.meta.dirname, '../../config')
const DEMO = join(CONFIG, 'demo')

interface NpmDocument {
  readonly 'dist-tags': { readonly latest: string }
  readonly versions: Readonly<Record<string, { readonly dist: { tarball: string; integrity: string } }>>
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile())
}

function digest(algorithm: string, encoding: 'hex' | 'base64', file: string): string {
  return createHash(algorithm).update(readFileSync(file)).digest(encoding)
}

test('the demo is a few KB of repositories in three formats, one of them public, and needs no variable', () => {
  const loaded = loadConfig(join(CONFIG, 'postern.yaml'), {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes))
  const repositories = [...loaded.config.repositories.values()]
  expect(new Set(repositories.map(({ format }) => format))).toEqual(new Set(['deb', 'npm', 'raw']))
  expect(repositories.filter((each) => each.public).map(({ repo }) => repo)).toEqual(['free'])
  expect(repositories.every(({ upstream }) => upstream.kind === 'files')).toBe(true)
  expect(filesBelow(DEMO).reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(32_768)
})

test('apt-get accepts the signature of the demo and installs its newest package', async () => {
  await using nginx = await startNginx({ root: join(DEMO, 'debian') })
  await using apt = await createApt({
    source: `${nginx.url}/ stable main`,
    key: join(DEMO, 'debian/key.asc'),
  })
  const updated = await apt.update()
  expect(updated.output).not.toMatch(/^[WE]:/m)
  const installed = await apt.install('postern-hello')
  expect(installed.output).toContain('Setting up postern-hello (1.1)')
  const paths = (await nginx.requests()).map(({ uri }) => uri)
  expect(paths).toContainEqual(expect.stringContaining('/by-hash/SHA256/'))
})

test('every version of the demo for npm has its tarball, with the hash that the document tells', () => {
  const folder = join(DEMO, 'npm/@acme/hello')
  const document = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as NpmDocument
  expect(Object.keys(document.versions)).toEqual(['1.0.0', '1.1.0'])
  for (const { dist } of Object.values(document.versions)) {
    const url = new URL(dist.tarball)
    expect(url.hostname).toBe('storage.invalid')
    const file = join(DEMO, url.pathname)
    expect(`sha512-${digest('sha512', 'base64', file)}`).toBe(dist.integrity)
  }
})

test('every file of the demo has a checksum beside it that is right', () => {
  const sums = filesBelow(join(DEMO, 'files')).filter((file) => file.endsWith('.sha256'))
  expect(sums).toHaveLength(4)
  for (const sum of sums) {
    const [expected, name = ''] = readFileSync(sum, 'utf8').trim().split('  ')
    expect(digest('sha256', 'hex', join(dirname(sum), name))).toBe(expected)
  }
})

test('no private key lies in the demo', () => {
  for (const file of filesBelow(DEMO)) expect(readFileSync(file, 'latin1')).not.toContain('PRIVATE KEY')
  expect(existsSync(join(DEMO, 'debian/key.asc'))).toBe(true)
})
