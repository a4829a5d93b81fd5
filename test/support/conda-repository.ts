import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { runOrFail } from './processes.ts'

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'acme-tool': ['1.0.0', '1.1.0', '2.0.0rc1'],
  'acme-lib': ['0.1'],
}
/** What a package is in need of. */
const NEEDS: Readonly<Record<string, string>> = { 'acme-tool': 'acme-lib >=0.1' }

/** Builds a conda channel in `directory`/conda, with all packages in `noarch` and an empty index for `linux-64`. */
export async function buildCondaRepository(directory: string): Promise<void> {
  const root = join(directory, 'conda')
  const records: Record<string, object> = {}
  for (const [name, versions] of Object.entries(PACKAGES)) {
    for (const version of versions) Object.assign(records, await pack(root, name, version))
  }
  await writeIndex(join(root, 'noarch'), 'noarch', records)
  await writeIndex(join(root, 'linux-64'), 'linux-64', {})
}

async function writeIndex(folder: string, subdir: string, packages: object): Promise<void> {
  await mkdir(folder, { recursive: true })
  const index = { info: { subdir }, packages, 'packages.conda': {}, removed: [], repodata_version: 1 }
  const text = JSON.stringify(index)
  await writeFile(join(folder, 'repodata.json'), text)
  await writeFile(join(folder, 'repodata.json.zst'), zstdCompressSync(text))
  // What nobody can cut down.
  for (const name of ['repodata.json.bz2', 'repodata.jlap', 'repodata_shards.msgpack.zst'])
    await writeFile(join(folder, name), 'whole')
}

/** Packs one version of a package without files, and gives its record in the index. */
async function pack(root: string, name: string, version: string): Promise<Record<string, object>> {
  const folder = join(root, '..', 'conda-build', `${name}-${version}`)
  await mkdir(join(folder, 'info'), { recursive: true })
  await mkdir(join(root, 'noarch'), { recursive: true })
  const depends = [NEEDS[name] ?? []].flat()
  const record = { name, version, build: '0', build_number: 0, depends, subdir: 'noarch', noarch: 'generic' }
  await writeFile(join(folder, 'info', 'index.json'), JSON.stringify(record))
  await writeFile(join(folder, 'info', 'files'), '')
  const filename = `${name}-${version}-0.tar.bz2`
  const file = join(root, 'noarch', filename)
  await runOrFail('tar', ['-cjf', file, '-C', folder, 'info'])
  const bytes = await readFile(file)
  const hash = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex')
  return { [filename]: { ...record, md5: hash('md5'), sha256: hash('sha256'), size: bytes.length } }
}
