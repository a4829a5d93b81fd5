import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** RubyGems and Bundler in a home and a project of their own. */
export interface Ruby extends AsyncDisposable {
  readonly gem: (...args: readonly string[]) => Promise<Finished>
  readonly bundle: (...args: readonly string[]) => Promise<Finished>
  /** A file of the project; undefined when it is not there. */
  readonly read: (file: string) => Promise<string | undefined>
  /** Writes a file of the project. */
  readonly write: (file: string, content: string) => Promise<void>
}

export interface RubyOptions {
  /** The repository; no other one is asked. */
  readonly source: string
  /** What the project is in need of: lines of its Gemfile. */
  readonly gems?: readonly string[]
  /** `user:password` that Bundler keeps for the host. */
  readonly credentials?: string
}

export async function createRuby({ source, gems = [], credentials }: RubyOptions): Promise<Ruby> {
  const directory = await temporaryDirectory('ruby')
  const project = join(directory.path, 'project')
  await mkdir(project)
  const write = (file: string, content: string): Promise<void> => writeFile(join(project, file), content)
  await write('Gemfile', `source ${JSON.stringify(source)}\n${gems.join('\n')}\n`)
  const env = cleanEnvironment({
    HOME: directory.path,
    GEM_HOME: join(directory.path, 'gems'),
    GEMRC: join(directory.path, 'none'),
    BUNDLE_PATH: join(directory.path, 'bundle'),
    BUNDLE_RETRY: '0',
    BUNDLE_SILENCE_ROOT_WARNING: '1',
    BUNDLE_DISABLE_VERSION_CHECK: '1',
    ...(credentials === undefined ? {} : { BUNDLE_127__0__0__1: credentials }),
  })
  return {
    gem: (command, ...args) =>
      run('gem', [command ?? '', '--clear-sources', '--source', source, ...args], { cwd: project, env }),
    bundle: (...args) => run('bundle', args, { cwd: project, env }),
    read: (file) => readFile(join(project, file), 'utf8').catch(() => undefined),
    write,
    [Symbol.asyncDispose]: directory.remove,
  }
}
