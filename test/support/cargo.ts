import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

export interface CargoOptions {
  /** URL of the folder that holds `config.json`, with a slash at its end. */
  readonly index: string
  /** Sent as it is in `Authorization`. */
  readonly token?: string
  /** What the project needs, as in `[dependencies]`: name and range. */
  readonly needs: Readonly<Record<string, string>>
}

/** cargo in a project and home of its own. */
export interface Cargo extends AsyncDisposable {
  readonly run: (...args: readonly string[]) => Promise<Finished>
  /** A file of the project; undefined when it is not there. */
  readonly read: (file: string) => Promise<string | undefined>
  /** Crates that were downloaded, as `NAME-VERSION`. */
  readonly downloaded: () => Promise<string[]>
}

export async function createCargo({ index, token, needs }: CargoOptions): Promise<Cargo> {
  const directory = await temporaryDirectory('cargo')
  const project = join(directory.path, 'project')
  const home = join(directory.path, 'home')
  await mkdir(join(project, 'src'), { recursive: true })
  await mkdir(home)
  const lines = Object.entries(needs).map(
    ([name, range]) => `${name} = { version = "${range}", registry = "acme" }`,
  )
  const manifest = `[package]\nname = "project"\nversion = "0.0.1"\nedition = "2021"\n[dependencies]\n${lines.join('\n')}\n`
  await writeFile(join(project, 'Cargo.toml'), manifest)
  await writeFile(join(project, 'src', 'lib.rs'), '')
  const config = [
    `[registries.acme]\nindex = "sparse+${index}"`,
    '[registry]\nglobal-credential-providers = ["cargo:token"]',
    '[net]\nretry = 0',
  ]
  await writeFile(join(home, 'config.toml'), `${config.join('\n')}\n`)
  const credentials = token === undefined ? {} : { CARGO_REGISTRIES_ACME_TOKEN: token }
  const env = cleanEnvironment({
    HOME: directory.path,
    CARGO_HOME: home,
    CARGO_TERM_COLOR: 'never',
    ...toolchain(),
    ...credentials,
  })
  return {
    run: (...args) => run('cargo', args, { cwd: project, env }),
    read: (file) => readFile(join(project, file), 'utf8').catch(() => undefined),
    downloaded: async () => {
      const cache = join(home, 'registry', 'cache')
      const files = await readdir(cache, { recursive: true }).catch(() => [])
      return files.flatMap((file) => /([^/]+)\.crate$/.exec(file)?.[1] ?? []).toSorted()
    },
    [Symbol.asyncDispose]: directory.remove,
  }
}

/** Where rustup keeps its toolchains, if cargo is one of its own; the home of the tests has none. */
function toolchain(): Record<string, string> {
  const { HOME = '', RUSTUP_HOME = join(HOME, '.rustup') } = process.env
  return {
    RUSTUP_HOME,
    ...(process.env['RUSTUP_TOOLCHAIN'] === undefined
      ? {}
      : { RUSTUP_TOOLCHAIN: process.env['RUSTUP_TOOLCHAIN'] }),
  }
}
