import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runOrFail } from './processes.ts'

const CRATES: Readonly<Record<string, readonly string[]>> = {
  acme_tool: ['1.0.0', '1.1.0', '1.2.0-rc.1'],
  'acme-lib': ['0.1.0'],
}
/** What a crate is in need of, in the same registry. */
const NEEDS: Readonly<Record<string, string>> = { acme_tool: 'acme-lib' }

/**
 * Builds a sparse registry in `directory`/cargo (The Cargo Book, "Registry Index"), with the index in a folder of its own. `baseUrl` is where
 * the storage serves it; the configuration names crates there, as a real registry's does.
 */
export async function buildCargoRepository(directory: string, baseUrl: string): Promise<void> {
  const root = join(directory, 'cargo')
  await mkdir(join(root, 'index'), { recursive: true })
  const config = {
    dl: `${baseUrl}/crates/{crate}/{crate}-{version}.crate`,
    api: baseUrl,
    'auth-required': true,
  }
  await writeFile(join(root, 'index', 'config.json'), JSON.stringify(config))
  for (const [name, versions] of Object.entries(CRATES)) {
    const lines: string[] = []
    for (const version of versions) lines.push(JSON.stringify(await publish(root, name, version)))
    const index = join(root, 'index', name.slice(0, 2), name.slice(2, 4), name)
    await mkdir(dirname(index), { recursive: true })
    await writeFile(index, `${lines.join('\n')}\n`)
  }
}

/** Packs one version as `cargo package` does, and gives its line in the index. */
async function publish(root: string, name: string, version: string): Promise<object> {
  const build = join(root, '..', 'cargo-build')
  const folder = join(build, `${name}-${version}`)
  await mkdir(join(folder, 'src'), { recursive: true })
  const need = NEEDS[name]
  const manifest = `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n`
  const needs = need === undefined ? '' : `[dependencies.${need}]\nversion = "0.1"\n`
  await writeFile(join(folder, 'Cargo.toml'), manifest + needs)
  await writeFile(join(folder, 'src', 'lib.rs'), `pub const VERSION: &str = "${version}";\n`)
  const file = join(root, 'crates', name, `${name}-${version}.crate`)
  await mkdir(dirname(file), { recursive: true })
  await runOrFail('tar', ['-czf', file, '-C', build, `${name}-${version}`])
  const cksum = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
  const deps = need === undefined ? [] : [dependency(need)]
  return { name, vers: version, deps, cksum, features: {}, yanked: false }
}

function dependency(name: string): object {
  const kinds = { optional: false, default_features: true, target: null, kind: 'normal' }
  return { name, req: '^0.1', features: [], ...kinds }
}
