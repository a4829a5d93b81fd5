import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** Lines of the project's `.npmrc`. */
export interface NpmOptions {
  /** Registry for every package. */
  readonly registry: string
  /** What vouches for a registry with TLS, as a file in PEM. */
  readonly authority?: string | undefined
  /** Sent to `registry` as a bearer token. */
  readonly authToken?: string
  /** Files of the project, e.g. a lock file of another one. */
  readonly files?: Readonly<Record<string, string>>
}

/** npm in a project, home and cache of its own, without the machine's configuration. */
export interface Npm extends AsyncDisposable {
  readonly run: (...args: readonly string[]) => Promise<Finished>
  /** A file of the project; undefined when it is not there. */
  readonly read: (file: string) => Promise<string | undefined>
  /** Version of an installed package; undefined when it is not installed. */
  readonly installedVersion: (name: string) => Promise<string | undefined>
}

/** Makes a project without dependencies, or with those that `files` name. */
export async function createNpm({ registry, authority, authToken, files = {} }: NpmOptions): Promise<Npm> {
  const directory = await temporaryDirectory('npm')
  const project = join(directory.path, 'project')
  await mkdir(project)
  const lines = [`registry=${registry}`]
  if (authority !== undefined) lines.push(`cafile=${authority}`)
  if (authToken !== undefined) lines.push(`${registry.replace(/^https?:/, '')}:_authToken=${authToken}`)
  const manifest = JSON.stringify({ name: 'project', version: '1.0.0', private: true })
  const contents = { '.npmrc': `${lines.join('\n')}\n`, 'package.json': manifest, ...files }
  await Promise.all(
    Object.entries(contents).map(([name, content]) => writeFile(join(project, name), content)),
  )
  const env = cleanEnvironment(environment(directory.path))
  const read = (file: string): Promise<string | undefined> =>
    readFile(join(project, file), 'utf8').catch(() => undefined)
  return {
    run: (...args) => run('npm', args, { cwd: project, env }),
    read,
    installedVersion: async (name) => {
      const text = await read(`node_modules/${name}/package.json`)
      return text === undefined ? undefined : (JSON.parse(text) as { version: string }).version
    },
    [Symbol.asyncDispose]: directory.remove,
  }
}

/** `npm_config_*` outranks every npmrc but the command line. */
function environment(directory: string): Record<string, string> {
  return {
    HOME: directory,
    npm_config_cache: join(directory, 'cache'),
    npm_config_userconfig: join(directory, 'user.npmrc'),
    npm_config_globalconfig: join(directory, 'global.npmrc'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '0',
    npm_config_omit_lockfile_registry_resolved: 'false',
  }
}
