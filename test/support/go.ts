import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, runOrFail, temporaryDirectory, type Finished } from './processes.ts'

export interface GoOptions {
  /** GOPROXY: where modules come from, nowhere else. */
  readonly proxy: string
  /** Content of `~/.netrc`. */
  readonly netrc?: string
  /** What vouches for a proxy with TLS, as a file in PEM. */
  readonly certificate?: string
}

/** The go command in a module, home and cache of its own. */
export interface Go extends AsyncDisposable {
  readonly run: (...args: readonly string[]) => Promise<Finished>
  /** A file of the module; undefined when it is not there. */
  readonly read: (file: string) => Promise<string | undefined>
}

export async function createGo({ proxy, netrc = '', certificate = '' }: GoOptions): Promise<Go> {
  const directory = await temporaryDirectory('go')
  const project = join(directory.path, 'project')
  await mkdir(project)
  await writeFile(join(directory.path, '.netrc'), netrc, { mode: 0o600 })
  await writeFile(join(project, 'go.mod'), 'module example.org/project\n\ngo 1.19\n')
  const env = cleanEnvironment({
    HOME: directory.path,
    GOENV: 'off',
    GOPATH: join(directory.path, 'go'),
    GOPROXY: proxy,
    // Not asked about these modules: nobody but the vendor knows them.
    GONOSUMDB: 'example.com/*',
    GOTOOLCHAIN: 'local',
    SSL_CERT_FILE: certificate,
  })
  return {
    run: (...args) => run('go', args, { cwd: project, env }),
    read: (file) => readFile(join(project, file), 'utf8').catch(() => undefined),
    [Symbol.asyncDispose]: async () => {
      // Modules in the cache are read-only.
      await runOrFail('chmod', ['-R', 'u+w', directory.path])
      await directory.remove()
    },
  }
}
