import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, runOrFail, temporaryDirectory } from '../processes.ts'

const NAME = '@acme/hello'
const VERSIONS = ['1.0.0', '1.1.0']
/** Nobody answers there: an npm that reaches its tarballs has come through the gate, which puts its own URL in place. */
const STORAGE = 'http://storage.invalid/npm'

/**
 * Builds a static npm registry: the document of the package at `NAME/index.json`, tarballs at `NAME/-/hello-VERSION.tgz`. The
 * tarballs are npm's own work, which gives each entry the same date. `epoch` (seconds) is when they say they were published.
 */
export async function buildDemoNpm(directory: string, epoch: number): Promise<void> {
  await using work = await temporaryDirectory('demo-npm')
  await mkdir(join(directory, NAME, '-'), { recursive: true })
  const versions: Record<string, unknown> = {}
  for (const version of VERSIONS) versions[version] = await publish(work.path, directory, version)
  const date = new Date(epoch * 1000).toISOString()
  const time = { created: date, modified: date, ...Object.fromEntries(VERSIONS.map((each) => [each, date])) }
  const document = { _id: NAME, name: NAME, 'dist-tags': { latest: VERSIONS.at(-1) }, time, versions }
  await writeFile(join(directory, NAME, 'index.json'), `${JSON.stringify(document, null, 1)}\n`)
}

async function publish(work: string, directory: string, version: string): Promise<object> {
  const source = join(work, version)
  const path = `${NAME}/-/hello-${version}.tgz`
  const manifest = {
    name: NAME,
    version,
    description: 'Says hello: a sample package of Postern',
    license: 'Apache-2.0',
    main: 'index.js',
  }
  await mkdir(source)
  await writeFile(join(source, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await writeFile(join(source, 'index.js'), `module.exports = 'Hello from Postern, npm package ${version}'\n`)
  const bytes = await pack(source, work)
  await writeFile(join(directory, path), bytes)
  const dist = {
    tarball: `${STORAGE}/${path}`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
  }
  return { ...manifest, _id: `${NAME}@${version}`, dist }
}

async function pack(source: string, home: string): Promise<Buffer> {
  const env = cleanEnvironment({ HOME: home, npm_config_cache: join(home, 'cache') })
  const name = await runOrFail('npm', ['pack', '--silent', '--offline', '--pack-destination', home], {
    cwd: source,
    env,
  })
  return readFile(join(home, name.trim()))
}
