import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** pacman over an install root of its own, without the machine's configuration. */
export interface Pacman extends AsyncDisposable {
  /** Reads the database, and installs. */
  readonly install: (...names: readonly string[]) => Promise<Finished>
  /** What the package left in the root; undefined when it is not installed. */
  readonly installedVersion: (name: string) => Promise<string | undefined>
}

const FOLDERS = ['root/var/lib/pacman', 'cache', 'gnupg', 'hooks']

/** Makes an empty root that knows one repository, `acme`, at `server`. Nothing in it is signed. */
export async function createPacman(server: string): Promise<Pacman> {
  const directory = await temporaryDirectory('pacman')
  const at = (name: string): string => join(directory.path, name)
  await Promise.all(FOLDERS.map((folder) => mkdir(at(folder), { recursive: true })))
  await writeFile(
    at('pacman.conf'),
    `[options]\nArchitecture = x86_64\nSigLevel = Never\n[acme]\nServer = ${server}\n`,
  )
  const places = {
    config: at('pacman.conf'),
    root: at('root'),
    dbpath: at('root/var/lib/pacman'),
    cachedir: at('cache'),
    gpgdir: at('gnupg'),
    hookdir: at('hooks'),
    logfile: at('log'),
  }
  const args = Object.entries(places).flatMap(([name, value]) => [`--${name}`, value])
  // pacman insists on being root; in a user namespace anybody is.
  const command = process.getuid?.() === 0 ? ['pacman'] : ['unshare', '--map-root-user', 'pacman']
  const env = cleanEnvironment({ HOME: directory.path })
  return {
    install: (...names) =>
      run(command[0] ?? 'pacman', [...command.slice(1), ...args, '--noconfirm', '-Sy', ...names], { env }),
    installedVersion: (name) =>
      readFile(join(at('root/usr/share'), name, 'version'), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
    [Symbol.asyncDispose]: directory.remove,
  }
}
