import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

export interface PipOptions {
  /** The folder of the projects' pages, with a slash at its end. */
  readonly indexUrl: string
  /** Content of `~/.netrc`. */
  readonly netrc?: string
}

/** pip with a home and cache of its own, without the machine's configuration. It installs into a folder. */
export interface Pip extends AsyncDisposable {
  readonly run: (...args: readonly string[]) => Promise<Finished>
  readonly install: (...requirements: readonly string[]) => Promise<Finished>
  /** What an installed module says of itself; undefined when it is not installed. */
  readonly installedVersion: (module: string) => Promise<string | undefined>
}

/** Debian's, whatever other Pythons are on the PATH. */
const PYTHON = '/usr/bin/python3'

export async function createPip({ indexUrl, netrc = '' }: PipOptions): Promise<Pip> {
  const directory = await temporaryDirectory('pip')
  const target = join(directory.path, 'target')
  await writeFile(join(directory.path, '.netrc'), netrc, { mode: 0o600 })
  const env = cleanEnvironment({
    HOME: directory.path,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_CACHE_DIR: join(directory.path, 'cache'),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_INDEX_URL: indexUrl,
    PIP_NO_INPUT: '1',
    PIP_RETRIES: '0',
    PIP_ROOT_USER_ACTION: 'ignore',
  })
  const pip = (...args: readonly string[]): Promise<Finished> => run(PYTHON, ['-m', 'pip', ...args], { env })
  return {
    run: pip,
    install: (...requirements) =>
      pip('install', '--no-compile', '--upgrade', '--target', target, ...requirements),
    installedVersion: async (module) => {
      const text = await readFile(join(target, `${module}.py`), 'utf8').catch(() => '')
      return /VERSION = "(.*)"/.exec(text)?.[1]
    },
    [Symbol.asyncDispose]: directory.remove,
  }
}
