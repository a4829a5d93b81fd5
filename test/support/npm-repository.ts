import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrFail } from './processes.ts'

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@acme/widget': ['1.0.0', '1.1.0'],
  'plain-demo': ['1.0.0'],
}

const PUBLISHED = '2026-01-01T12:00:00.000Z'

/**
 * Builds a static npm registry in `directory`/npm: a document per package at `NAME/index.json`, tarballs at `NAME/-/FILE.tgz`.
 * `baseUrl` is where the storage serves it; the documents name their tarballs there, as a real registry's do.
 */
export async function buildNpmRepository(directory: string, baseUrl: string): Promise<void> {
  const root = join(directory, 'npm')
  for (const [name, versions] of Object.entries(PACKAGES)) {
    const manifests: Record<string, unknown> = {}
    for (const version of versions) manifests[version] = await publish(root, baseUrl, name, version)
    // Yarn installs nothing of which it is not told that it is some days old.
    const time = Object.fromEntries(versions.map((version) => [version, PUBLISHED]))
    const document = { _id: name, name, 'dist-tags': { latest: versions.at(-1) }, versions: manifests, time }
    await writeFile(join(root, name, 'index.json'), JSON.stringify(document))
  }
}

/** Packs one version as `npm pack` does: a tar.gz of the folder `package`. */
async function publish(root: string, baseUrl: string, name: string, version: string): Promise<object> {
  const folder = join(root, '..', 'npm-build', `${name}-${version}`, 'package')
  await mkdir(folder, { recursive: true })
  const manifest = { name, version, description: 'test package', license: 'Apache-2.0', main: 'index.js' }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(folder, 'index.js'), `module.exports = ${JSON.stringify(version)}\n`)
  const base = name.slice(name.indexOf('/') + 1)
  const path = `${name}/-/${base}-${version}.tgz`
  const file = join(root, path)
  await mkdir(join(root, name, '-'), { recursive: true })
  await runOrFail('tar', ['-czf', file, '-C', join(folder, '..'), 'package'])
  const bytes = await readFile(file)
  const dist = {
    tarball: `${baseUrl}/${path}`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
  }
  return { ...manifest, _id: `${name}@${version}`, dist }
}
