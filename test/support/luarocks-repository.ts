import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, runOrFail } from './processes.ts'

const ROCKS: Readonly<Record<string, readonly string[]>> = {
  'acme-tool': ['1.0-1', '2.0-1'],
  'plain-demo': ['1.0-1'],
}

/** Builds a rocks server in `directory`/luarocks: rocks with their sources, the rockspecs beside them, and manifests. */
export async function buildLuaRocksRepository(directory: string): Promise<void> {
  const [root, build] = [join(directory, 'luarocks'), join(directory, 'luarocks-build')]
  await Promise.all([root, build].map((each) => mkdir(each, { recursive: true })))
  const rocks = Object.entries(ROCKS).flatMap(([name, versions]) =>
    versions.map((version) => ({ name, version })),
  )
  await Promise.all(rocks.map(({ name, version }) => buildRock(name, version, root, build)))
  const env = cleanEnvironment({ HOME: build })
  await runOrFail('luarocks-admin', ['make-manifest', root], { env })
}

/** A rock is a zip of the rockspec and of the archive that it calls its source. */
async function buildRock(name: string, version: string, root: string, build: string): Promise<void> {
  const [full, module] = [`${name}-${version}`, name.replace('-', '_')]
  const [rockspec, sources] = [`${full}.rockspec`, `${full}.tar.gz`]
  const folder = join(build, full)
  await mkdir(folder)
  await writeFile(join(folder, `${module}.lua`), `return '${version}'\n`)
  await runOrFail('tar', ['-czf', join(build, sources), '-C', build, full])
  await writeFile(join(build, rockspec), describe(name, version, sources, module))
  await runOrFail('zip', [
    '-q',
    '-j',
    join(root, `${full}.src.rock`),
    join(build, rockspec),
    join(build, sources),
  ])
  await writeFile(join(root, rockspec), await readFile(join(build, rockspec)))
}

function describe(name: string, version: string, sources: string, module: string): string {
  return `rockspec_format = "1.0"
package = "${name}"
version = "${version}"
source = { url = "http://nowhere.invalid/${sources}", dir = "${name}-${version}" }
description = { summary = "test package", license = "Apache-2.0" }
dependencies = { "lua >= 5.1" }
build = { type = "builtin", modules = { ${module} = "${module}.lua" } }
`
}
