import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeZip } from './zip.ts'

const MODULES: Readonly<Record<string, readonly string[]>> = {
  'example.com/acme/tool': ['v1.0.0', 'v1.1.0', 'v1.2.0-rc.1'],
  'example.com/Acme/Lib': ['v0.1.0'],
}
/** What a module is in need of. */
const NEEDS: Readonly<Record<string, string>> = { 'example.com/acme/tool': 'example.com/Acme/Lib v0.1.0' }

/** Builds a static Go module proxy in `directory`/go (Go Modules Reference, "Serving modules directly from a proxy"). */
export async function buildGoRepository(directory: string): Promise<void> {
  for (const [module, versions] of Object.entries(MODULES)) {
    const folder = join(
      directory,
      'go',
      module.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`),
      '@v',
    )
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'list'), versions.map((version) => `${version}\n`).join(''))
    for (const version of versions) await writeVersion(folder, module, version)
    const latest = { Version: versions[0], Time: '2026-01-01T00:00:00Z' }
    await writeFile(join(dirname(folder), '@latest'), JSON.stringify(latest))
  }
}

async function writeVersion(folder: string, module: string, version: string): Promise<void> {
  const needs = NEEDS[module] === undefined ? '' : `\nrequire ${NEEDS[module]}\n`
  const goMod = `module ${module}\n\ngo 1.19\n${needs}`
  const name = module.slice(module.lastIndexOf('/') + 1).toLowerCase()
  const source = `package ${name}\n\nconst Version = "${version}"\n`
  const root = `${module}@${version}`
  await writeFile(
    join(folder, `${version}.info`),
    JSON.stringify({ Version: version, Time: '2026-01-01T00:00:00Z' }),
  )
  await writeFile(join(folder, `${version}.mod`), goMod)
  await writeZip(join(folder, `${version}.zip`), {
    [`${root}/go.mod`]: goMod,
    [`${root}/${name}.go`]: source,
  })
}
