import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

export interface ComposerOptions {
  /** URL of the repository; no other one is asked. */
  readonly url: string
  /** What the project is in need of, by versions. */
  readonly requires?: Readonly<Record<string, string>>
  /** Content of auth.json. */
  readonly auth?: object
}

/** Composer with a home, cache and project of its own. */
export interface Composer extends AsyncDisposable {
  readonly run: (command: string, ...args: readonly string[]) => Promise<Finished>
  /** A file of the project; undefined when it is not there. */
  readonly read: (file: string) => Promise<string | undefined>
  readonly write: (file: string, content: string) => Promise<void>
  /** Version of an installed package; undefined when it is not installed. */
  readonly installedVersion: (name: string) => Promise<string | undefined>
}

export async function createComposer({ url, requires = {}, auth = {} }: ComposerOptions): Promise<Composer> {
  const directory = await temporaryDirectory('composer')
  const [home, project] = [join(directory.path, 'home'), join(directory.path, 'project')]
  await mkdir(home)
  await mkdir(project)
  const write = (file: string, content: string): Promise<void> => writeFile(join(project, file), content)
  const read = (file: string): Promise<string | undefined> =>
    readFile(join(project, file), 'utf8').catch(() => undefined)
  await writeFile(join(home, 'auth.json'), JSON.stringify(auth))
  const manifest = {
    name: 'test/project',
    require: requires,
    repositories: [{ type: 'composer', url }, { 'packagist.org': false }],
    config: { 'secure-http': false },
  }
  await write('composer.json', JSON.stringify(manifest))
  const env = cleanEnvironment({
    HOME: directory.path,
    COMPOSER_HOME: home,
    COMPOSER_ALLOW_SUPERUSER: '1',
    COMPOSER_CACHE_DIR: join(directory.path, 'cache'),
  })
  return {
    run: (command, ...args) =>
      run('composer', [command, '--no-interaction', '--no-ansi', ...args], { cwd: project, env }),
    read,
    write,
    installedVersion: async (name) => {
      const text = await read('vendor/composer/installed.json')
      const { packages } = JSON.parse(text ?? '{"packages":[]}') as {
        readonly packages: readonly { readonly name: string; readonly version: string }[]
      }
      return packages.find((each) => each.name === name)?.version
    },
    [Symbol.asyncDispose]: directory.remove,
  }
}
