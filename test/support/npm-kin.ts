import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

/** Package managers that install from npm's registries, each with how it is set up. `yarn` is Yarn 1, `berry` what came after. */
export type NpmKin = 'pnpm' | 'yarn' | 'berry'

interface Program {
  /** URL of what Node runs. */
  readonly script: string
  readonly lockFile: string
  /** Installs what the lock file says, or fails. */
  readonly locked: readonly string[]
  readonly settings: (registry: string, authToken: string | undefined) => Readonly<Record<string, string>>
}

const PROGRAMS: Readonly<Record<NpmKin, Program>> = {
  pnpm: {
    // Its manifest is all that it exports.
    script: new URL('bin/pnpm.cjs', import.meta.resolve('pnpm')).href,
    lockFile: 'pnpm-lock.yaml',
    locked: ['install', '--frozen-lockfile'],
    settings: npmrc,
  },
  yarn: {
    script: import.meta.resolve('yarn/bin/yarn.js'),
    lockFile: 'yarn.lock',
    locked: ['install', '--frozen-lockfile', '--non-interactive'],
    settings: npmrc,
  },
  berry: {
    script: import.meta.resolve('@yarnpkg/cli-dist/bin/yarn.js'),
    lockFile: 'yarn.lock',
    locked: ['install', '--immutable'],
    settings: yarnrc,
  },
}

export interface NpmKinOptions {
  /** Registry for every package, with a slash at its end. */
  readonly registry: string
  /** Sent to `registry` as a bearer token. */
  readonly authToken?: string
  /** Files of the project, e.g. a lock file of another one. */
  readonly files?: Readonly<Record<string, string>>
}

/** A project with a home, a store and a cache of its own, without the machine's configuration. */
export interface NpmKinProject extends AsyncDisposable {
  readonly add: (...names: readonly string[]) => Promise<Finished>
  readonly installLocked: () => Promise<Finished>
  /** Empty when there is none. */
  readonly readLock: () => Promise<string>
  /** What a colleague checks out: the manifest and the lock file. */
  readonly lockedFiles: () => Promise<Record<string, string>>
  /** undefined when it is not installed. */
  readonly installedVersion: (name: string) => Promise<string | undefined>
}

/** Makes a project without dependencies, or with those that `files` name. */
export async function createNpmKin(kin: NpmKin, options: NpmKinOptions): Promise<NpmKinProject> {
  const { script, lockFile, locked, settings } = PROGRAMS[kin]
  const { registry, authToken, files = {} } = options
  const directory = await temporaryDirectory(kin)
  const project = join(directory.path, 'project')
  await mkdir(project)
  const manifest = JSON.stringify({ name: 'project', version: '1.0.0', private: true })
  const contents = { 'package.json': manifest, ...settings(registry, authToken), ...files }
  await Promise.all(
    Object.entries(contents).map(([name, content]) => writeFile(join(project, name), content)),
  )
  const env = cleanEnvironment(environment(directory.path))
  const start = (...args: readonly string[]): Promise<Finished> =>
    run(process.execPath, [fileURLToPath(script), ...args], { cwd: project, env })
  const read = (file: string): Promise<string> => readFile(join(project, file), 'utf8').catch(() => '')
  return {
    add: (...names) => start('add', ...names),
    installLocked: () => start(...locked),
    readLock: () => read(lockFile),
    lockedFiles: async () => ({
      'package.json': await read('package.json'),
      [lockFile]: await read(lockFile),
    }),
    installedVersion: async (name) => {
      const text = await read(`node_modules/${name}/package.json`)
      return text === '' ? undefined : (JSON.parse(text) as { version: string }).version
    },
    [Symbol.asyncDispose]: directory.remove,
  }
}

function environment(directory: string): Record<string, string> {
  return {
    HOME: directory,
    XDG_CACHE_HOME: join(directory, 'cache'),
    XDG_DATA_HOME: join(directory, 'data'),
    XDG_CONFIG_HOME: join(directory, 'config'),
    npm_config_fetch_retries: '0',
    YARN_CACHE_FOLDER: join(directory, 'yarn-cache'),
    YARN_GLOBAL_FOLDER: join(directory, 'yarn'),
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    YARN_ENABLE_TELEMETRY: 'false',
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
  }
}

/** `always-auth` is for Yarn 1, which sends the token with a package that has no scope only then. */
function npmrc(registry: string, authToken: string | undefined): Record<string, string> {
  const lines = [`registry=${registry}`]
  if (authToken !== undefined)
    lines.push(`${registry.replace(/^https?:/, '')}:_authToken=${authToken}`, 'always-auth=true')
  return { '.npmrc': `${lines.join('\n')}\n` }
}

function yarnrc(registry: string, authToken: string | undefined): Record<string, string> {
  const lines = [`npmRegistryServer: "${registry}"`, 'nodeLinker: node-modules']
  if (authToken !== undefined) lines.push(`npmAuthToken: "${authToken}"`, 'npmAlwaysAuth: true')
  return { '.yarnrc.yml': `${lines.join('\n')}\n` }
}
