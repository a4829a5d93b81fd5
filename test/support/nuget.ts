import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment, temporaryDirectory } from './processes.ts'

export interface NugetOptions {
  /** URL of the feed. */
  readonly source: string
  /** Sent when the feed asks for it. */
  readonly password?: string
}

/** How nuget ended, by its own words. */
interface Ended {
  readonly code: number
  readonly output: string
}

/** nuget in a project and home of its own. */
export interface Nuget extends AsyncDisposable {
  readonly install: (id: string) => Promise<Ended>
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
    install: (id) => runNuget(['install', id, ...options], { cwd: project, env }),
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

/** Its last words. */
const DONE = /^(?:Successfully installed|Unable to find package) .*\n/m
/** Mono needs no longer to end, if it does not hang. */
const PATIENCE_MS = 2_000

/** Mono now and then hangs when it ends, with all done and said: then it is ended. */
async function runNuget(
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<Ended> {
  const nuget = spawn('nuget', args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let patience: NodeJS.Timeout | undefined
  const read = (chunk: Buffer): void => {
    output += chunk.toString()
    if (DONE.test(output)) patience ??= setTimeout(() => nuget.kill('SIGKILL'), PATIENCE_MS)
  }
  nuget.stdout.on('data', read)
  nuget.stderr.on('data', read)
  const [code] = (await once(nuget, 'close')) as [number | null]
  clearTimeout(patience)
  return { code: code ?? (output.includes('Successfully installed') ? 0 : 1), output }
}
