import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** What goes into the `.repo` file. */
export interface DnfOptions {
  /** Also where the key lies, as `key.asc`. */
  readonly baseUrl: string
  readonly login?: { readonly username: string; readonly password: string }
}

/** dnf over an install root of its own, without the machine's configuration. */
export interface Dnf extends AsyncDisposable {
  readonly install: (...names: readonly string[]) => Promise<Finished>
  /** What the package left in the root; undefined when it is not installed. */
  readonly installedVersion: (name: string) => Promise<string | undefined>
}

/** Makes an empty root that knows one repository, whose metadata has to be signed. */
export async function createDnf({ baseUrl, login }: DnfOptions): Promise<Dnf> {
  const directory = await temporaryDirectory('dnf')
  const root = join(directory.path, 'root')
  await Promise.all(['root', 'repos', 'home'].map((folder) => mkdir(join(directory.path, folder))))
  const credentials = login === undefined ? '' : `username=${login.username}\npassword=${login.password}\n`
  await writeFile(join(directory.path, 'repos/acme.repo'), repository(baseUrl) + credentials)
  await writeFile(join(directory.path, 'dnf.conf'), configuration(directory.path))
  const env = cleanEnvironment({ HOME: join(directory.path, 'home') })
  const args = [
    '--config',
    join(directory.path, 'dnf.conf'),
    '--installroot',
    root,
    '--releasever',
    '1',
    '--assumeyes',
  ]
  // dnf insists on being root; in a user namespace anybody is.
  const command = process.getuid?.() === 0 ? ['dnf'] : ['unshare', '--map-root-user', 'dnf']
  const dnf = (...rest: readonly string[]): Promise<Finished> =>
    run(command[0] ?? 'dnf', [...command.slice(1), ...args, ...rest], { env })
  return {
    install: (...names) => dnf('install', ...names),
    installedVersion: (name) =>
      readFile(join(root, 'usr/share', name, 'version'), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
    [Symbol.asyncDispose]: directory.remove,
  }
}

function repository(baseUrl: string): string {
  return `[acme]
name=acme
baseurl=${baseUrl}
enabled=1
gpgcheck=0
repo_gpgcheck=1
gpgkey=${baseUrl}key.asc
`
}

function configuration(directory: string): string {
  return `[main]
reposdir=${directory}/repos
cachedir=${directory}/cache
logdir=${directory}/log
persistdir=${directory}/persist
varsdir=${directory}/vars
plugins=0
install_weak_deps=0
retries=1
`
}
