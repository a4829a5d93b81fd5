import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, run, temporaryDirectory, type Finished } from './processes.ts'

export interface NugetOptions {
  /** URL of the feed. */
  readonly source: string
  /** Sent when the feed asks for it. */
  readonly password?: string
}

/** nuget in a project and home of its own. */
export interface Nuget extends AsyncDisposable {
  readonly install: (id: string, ...more: readonly string[]) => Promise<Finished>
  /** Packages that were installed, as `ID.VERSION`. */
  readonly installed: () => Promise<string[]>
}

export async function createNuget({ source, password }: NugetOptions): Promise<Nuget> {
  const directory = await temporaryDirectory('nuget')
  const project = join(directory.path, 'project')
  await mkdir(project)
  const login =
    password === undefined
      ? ''
      : `<packageSourceCredentials><acme><add key="Username" value="token"/><add key="ClearTextPassword" value="${password}"/></acme></packageSourceCredentials>`
  const sources = `<packageSources><add key="acme" value="${source}"/></packageSources>`
  const config = join(project, 'NuGet.config')
  await writeFile(config, `<?xml version="1.0"?><configuration>${sources}${login}</configuration>`)
  const env = cleanEnvironment({ HOME: directory.path })
  const options = ['-NonInteractive', '-NoCache', '-Source', source, '-ConfigFile', config]
  return {
    install: (id, ...more) => run('nuget', ['install', id, ...options, ...more], { cwd: project, env }),
    installed: async () => {
      const files = await readdir(project, { withFileTypes: true })
      return files
        .filter((file) => file.isDirectory())
        .map(({ name }) => name)
        .toSorted()
    },
    [Symbol.asyncDispose]: directory.remove,
  }
}
