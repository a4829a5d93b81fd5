import type { Environment } from '../config/load.ts'
import type { LoadResult } from '../config/parse.ts'

/** Where text for a person or a program goes. */
export interface Screen {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  /** Width of the terminal in characters; undefined when there is none. */
  readonly columns: number | undefined
}

export interface ServeOptions {
  /** The configuration file. */
  readonly config: string
  /** Make a token to try it with and print commands to paste. */
  readonly demo: boolean
}

/** Everything of the outer world that the command line uses. */
export interface CliDependencies {
  readonly version: string
  readonly environment: Environment
  /** Runs the gate until a signal ends it. Resolves to the exit code. */
  readonly serve: (options: ServeOptions) => Promise<number>
  readonly loadConfig: (file: string) => LoadResult
  readonly fileExists: (file: string) => boolean
  readonly fetch: typeof globalThis.fetch
  readonly stdout: Screen
  readonly stderr: Screen
  /** Asks at the terminal; undefined when nobody sits at one. */
  readonly ask: ((question: string) => Promise<string>) | undefined
  /** Epoch ms. */
  readonly clock: () => number
}

/** What a command works with. */
export interface CliContext extends CliDependencies {
  /** Sets what the process ends with, if the command does not fail. */
  readonly setExitCode: (code: number) => void
}
