import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeZip } from './zip.ts'

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // Newest first, as repositories have them.
  'acme/tool': ['2.0.0', '1.1.0', '1.0.0'],
  'acme/lib': ['0.1.0'],
  'plain/demo': ['1.0.0'],
}
/** What a package is in need of. */
const NEEDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'acme/tool': { 'acme/lib': '^0.1' },
}
const BRANCH = 'dev-feature/x'

type Version = Readonly<Record<string, unknown>>

/**
 * Builds a static Composer repository in `directory`/composer, as Satis writes it: the documents of packages minified, archives whose names do not
 * tell the version. `baseUrl` is where the storage serves it; documents name archives and one another there.
 */
export async function buildComposerRepository(directory: string, baseUrl: string): Promise<void> {
  const root = join(directory, 'composer')
  const write = async (path: string, content: unknown): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), JSON.stringify(content).replaceAll('/', '\\/'))
  }
  for (const [name, versions] of Object.entries(PACKAGES)) {
    const released = await Promise.all(versions.map((version) => publish(root, baseUrl, name, version)))
    await write(`p2/${name}.json`, document(name, released))
    const branches = name === 'acme/tool' ? [await publish(root, baseUrl, name, BRANCH)] : []
    await write(`p2/${name}~dev.json`, document(name, branches))
  }
  const path = new URL(baseUrl).pathname
  await write('packages.json', {
    packages: [],
    'metadata-url': `${path}/p2/%package%.json`,
    'available-packages': Object.keys(PACKAGES),
    'notify-batch': `${baseUrl}/downloads`,
    mirrors: [{ 'dist-url': `${baseUrl}/dist/%package%/%reference%.%type%`, preferred: true }],
    includes: { 'include/all$0.json': { sha1: '0' } },
  })
}

function document(name: string, versions: readonly Version[]): Version {
  return { minified: 'composer/2.0', packages: { [name]: minify(versions) } }
}

/** composer/metadata-minifier: of each version what differs from the one before. */
function minify(versions: readonly Version[]): Version[] {
  return versions.map((version, index) => {
    const before = versions[index - 1] ?? {}
    const changed = Object.entries(version).filter(
      ([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value),
    )
    const gone = Object.keys(before).filter((key) => !(key in version))
    return Object.fromEntries([...changed, ...gone.map((key) => [key, '__unset'] as const)])
  })
}

async function publish(root: string, baseUrl: string, name: string, version: string): Promise<Version> {
  const reference = createHash('sha1').update(`${name} ${version}`).digest('hex')
  const base = name.replace('/', '-')
  const path = `dist/${name}/${base}-${reference}-zip-${reference.slice(0, 6)}.zip`
  const manifest = { name, version, type: 'library', autoload: { files: ['acme.php'] } }
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeZip(join(root, path), {
    [`${base}/composer.json`]: JSON.stringify(manifest),
    [`${base}/acme.php`]: `<?php // ${version}\n`,
  })
  const shasum = createHash('sha1')
    .update(await readFile(join(root, path)))
    .digest('hex')
  return {
    ...manifest,
    ...(version.startsWith('1.0') ? { description: 'the first one' } : {}),
    version_normalized: version.startsWith('dev-') ? version : `${version}.0`,
    require: NEEDS[name] ?? {},
    dist: { type: 'zip', url: `${baseUrl}/${path}`, reference, shasum },
  }
}
