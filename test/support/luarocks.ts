import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

export interface LuaRocksOptions {
  readonly server: string
  /** Content of `~/.netrc`. */
  readonly netrc?: string
}

/** LuaRocks with a home, a cache and a tree of its own. */
export interface LuaRocks extends AsyncDisposable {
  readonly install: (...args: readonly string[]) => Promise<Finished>
  /** Versions of a rock in the tree. */
  readonly installedVersions: (name: string) => Promise<readonly string[]>
}

export async function createLuaRocks({ server, netrc = '' }: LuaRocksOptions): Promise<LuaRocks> {
  const directory = await temporaryDirectory('luarocks')
  const tree = join(directory.path, 'tree')
  await writeFile(join(directory.path, '.netrc'), netrc, { mode: 0o600 })
  const env = cleanEnvironment({ HOME: directory.path, XDG_CACHE_HOME: join(directory.path, 'cache') })
  const options = ['--tree', tree, `--only-server=${server}`]
  return {
    install: (...args) => run('luarocks', [...options, 'install', ...args], { env, cwd: directory.path }),
    installedVersions: (name) =>
      readdir(join(tree, 'lib/luarocks/rocks-5.1', name)).then(
        (names) => names.toSorted(),
        () => [],
      ),
    [Symbol.asyncDispose]: directory.remove,
  }
}
