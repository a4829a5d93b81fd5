import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** What goes into the `.repo` file and beside it. */
export interface ZypperOptions {
  /** Also where the key lies, as `key.asc`. */
  readonly baseUrl: string
  /** Kept in a file of credentials, to which the repository refers. */
  readonly login?: { readonly username: string; readonly password: string }
}

/** zypper over an install root of its own, without the machine's configuration. */
export interface Zypper extends AsyncDisposable {
  readonly install: (...names: readonly string[]) => Promise<Finished>
  /** What the package left in the root; undefined when it is not installed. */
  readonly installedVersion: (name: string) => Promise<string | undefined>
}

/** Makes an empty root that knows one repository, whose metadata has to be signed. */
export async function createZypper({ baseUrl, login }: ZypperOptions): Promise<Zypper> {
  const directory = await temporaryDirectory('zypper')
  const root = join(directory.path, 'root')
  const folders = ['root/etc/zypp/repos.d', 'root/etc/zypp/credentials.d', 'home']
  await Promise.all(folders.map((folder) => mkdir(join(directory.path, folder), { recursive: true })))
  const credentials = join(root, 'etc/zypp/credentials.d/acme')
  if (login !== undefined)
    await writeFile(credentials, `username=${login.username}\npassword=${login.password}\n`, { mode: 0o600 })
  await writeFile(join(root, 'etc/zypp/repos.d/acme.repo'), repository(baseUrl, login !== undefined))
  const env = cleanEnvironment({
    HOME: join(directory.path, 'home'),
    ZYPP_LOCKFILE_ROOT: root,
    ZYPP_LOGFILE: join(directory.path, 'log'),
  })
  const args = ['--root', root, '--non-interactive', '--gpg-auto-import-keys']
  // zypper insists on being root; in a user namespace anybody is.
  const command = process.getuid?.() === 0 ? ['zypper'] : ['unshare', '--map-root-user', 'zypper']
  return {
    install: (...names) =>
      run(command[0] ?? 'zypper', [...command.slice(1), ...args, 'install', ...names], { env }),
    installedVersion: (name) =>
      readFile(join(root, 'usr/share', name, 'version'), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
    [Symbol.asyncDispose]: directory.remove,
  }
}

/** Refers to the credentials behind each URL, that of the key too. */
function repository(baseUrl: string, hasLogin: boolean): string {
  const reference = hasLogin ? '?credentials=acme' : ''
  return `[acme]
name=acme
baseurl=${baseUrl}${reference}
enabled=1
type=rpm-md
repo_gpgcheck=1
pkg_gpgcheck=0
gpgkey=${baseUrl}key.asc${reference}
`
}
