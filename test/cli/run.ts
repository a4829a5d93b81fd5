import { createCopies } from '../../src/app/copies.ts'
import { runCli, type CliDependencies, type ServeOptions } from '../../src/cli.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load.ts'

const NOW: number = Date.parse('2026-03-01T12:00:00Z')

export interface RunOptions {
  readonly api?: string
  readonly key?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Width of the terminal; none: piped. */
  readonly columns?: number
  /** What the person at the terminal answers; undefined: nobody is there. */
  readonly answer?: string
  readonly files?: readonly string[]
  /** Ends what goes on without end. */
  readonly signal?: AbortSignal
  /** Epoch ms. Default: it stands still. */
  readonly clock?: () => number
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly questions: readonly string[]
  readonly served: readonly ServeOptions[]
}

/** The outer world of a command line, and what was done to it. */
interface World extends Pick<Ended, 'questions' | 'served'> {
  readonly dependencies: CliDependencies
  readonly printed: Readonly<Pick<Ended, 'stdout' | 'stderr'>>
}

export function createWorld(options: RunOptions = {}): World {
  const { api = 'http://127.0.0.1:9', key, columns, answer, files = [], clock = () => NOW } = options
  const environment = readEnvironment({
    POSTERN_API: api,
    ...(key === undefined ? {} : { POSTERN_API_KEY: key }),
    LC_ALL: 'C.UTF-8',
    ...options.environment,
  })
  const printed = { stdout: '', stderr: '' }
  const questions: string[] = []
  const served: ServeOptions[] = []
  const screen = (name: 'stdout' | 'stderr'): CliDependencies['stdout'] => ({
    write: (text) => {
      printed[name] += text
    },
    isTerminal: columns !== undefined,
    columns,
  })
  const dependencies: CliDependencies = {
    version: '1.2.3',
    environment,
    serve: async (what) => {
      served.push(what)
      return 7
    },
    loadConfig: async (file) => loadConfig(file, environment.variables),
    fileExists: (file) => files.includes(file),
    copies: createCopies('1.2.3'),
    fetch: globalThis.fetch,
    stdout: screen('stdout'),
    stderr: screen('stderr'),
    ask: answer === undefined ? undefined : async (question) => (questions.push(question), answer),
    clock,
    untilEnded: () => options.signal ?? new AbortController().signal,
  }
  return { dependencies, printed, questions, served }
}

/** Runs the command line in this process and captures what it prints. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { dependencies, printed, questions, served } = createWorld(options)
  const code = await runCli(args, dependencies)
  return { code, ...printed, questions, served }
}
