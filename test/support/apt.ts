import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** What goes into sources.list and auth.conf.d. */
export interface AptOptions {
  /** What follows the options of a `deb` line: URL, suite or path, components. */
  readonly source: string
  /** File with the public key that has to have signed the repository. */
  readonly key: string
  /** What vouches for a server with TLS, as a file in PEM. */
  readonly authority?: string | undefined
  /** For auth.conf.d. */
  readonly login?: { readonly machine: string; readonly login: string; readonly password: string }
}

/** apt-get over a root of its own, without the machine's configuration and without a need for privileges. */
export interface Apt extends AsyncDisposable {
  readonly update: () => Promise<Finished>
  readonly install: (...names: readonly string[]) => Promise<Finished>
  /** What the package left in the root; undefined when it is not installed. */
  readonly installedVersion: (name: string) => Promise<string | undefined>
}

const FOLDERS = [
  'etc/apt/apt.conf.d',
  'etc/apt/auth.conf.d',
  'etc/apt/preferences.d',
  'etc/apt/sources.list.d',
  'etc/apt/trusted.gpg.d',
  'var/lib/apt/lists/partial',
  'var/cache/apt/archives/partial',
  'var/lib/dpkg/info',
  'var/lib/dpkg/updates',
  'var/lib/dpkg/triggers',
  'var/log/apt',
]

/** Makes an empty root that knows one source. apt-get refuses packages from it unless `key` signed them. */
export async function createApt({ source, key, authority, login }: AptOptions): Promise<Apt> {
  const directory = await temporaryDirectory('apt')
  const root = directory.path
  await Promise.all(FOLDERS.map((folder) => mkdir(join(root, folder), { recursive: true })))
  await writeFile(join(root, 'var/lib/dpkg/status'), '')
  await writeFile(join(root, 'apt.conf'), configuration(root, authority))
  await writeFile(join(root, 'etc/apt/sources.list'), `deb [signed-by=${key}] ${source}\n`)
  if (login !== undefined) {
    const line = `machine ${login.machine} login ${login.login} password ${login.password}\n`
    await writeFile(join(root, 'etc/apt/auth.conf.d/acme.conf'), line, { mode: 0o600 })
  }
  const env = cleanEnvironment({ APT_CONFIG: join(root, 'apt.conf'), DEBIAN_FRONTEND: 'noninteractive' })
  const aptGet = (...args: readonly string[]): Promise<Finished> => run('apt-get', ['-q', ...args], { env })
  return {
    update: () => aptGet('update'),
    install: (...names) => aptGet('install', '--yes', ...names),
    installedVersion: (name) =>
      readFile(join(root, 'usr/share', name, 'version'), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
    [Symbol.asyncDispose]: directory.remove,
  }
}

/** Read before anything of the machine's, all of which `Dir` then moves out of sight. */
function configuration(root: string, authority: string | undefined): string {
  const trust = authority === undefined ? '' : `Acquire::https::CaInfo "${authority}";\n`
  return `${trust}Dir "${root}";
Dir::State::status "${root}/var/lib/dpkg/status";
Dir::Etc::trusted "/dev/null";
APT::Sandbox::User "";
Acquire::Languages "none";
DPkg::Use-Pty "false";
DPkg::Options { "--root=${root}"; "--log=${root}/var/log/dpkg.log"; "--force-not-root"; };
`
}
