import type { Environment } from '../config/environment.ts'
import type { LoadResult } from '../config/parse.ts'
import type { Config } from '../config/types.ts'

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

/** How far a backup, a check or a restore has come. `total` null: nobody knows. */
export interface CopyProgress {
  readonly step: 'backup' | 'verify' | 'restore'
  readonly records: number
  readonly total: number | null
}

/** A file to write or read; "-" is standard output or input. */
export interface BackupOrder {
  readonly config: Config
  readonly file: string
  readonly onProgress: (progress: CopyProgress) => void
}

export interface VerifyOrder extends Omit<BackupOrder, 'config'> {
  /** undefined: what only the server key tells is passed over. */
  readonly config: Config | undefined
}

export interface RestoreOrder extends BackupOrder {
  readonly replaces: boolean
  readonly isForced: boolean
  /** Rejects when the answer is no. */
  readonly confirm: (question: string) => Promise<void>
}

/** What a backup holds. */
export interface CopySummary {
  readonly madeAt: string
  /** Kind of the store that was backed up, and version of Postern that did. */
  readonly store: string
  readonly version: string
  /** How many of each kind. */
  readonly records: Readonly<Record<string, number>>
  /** Of the file. */
  readonly bytes: number
  /** slug_perm of tokens that could not be restored. */
  readonly leftOut: readonly string[]
  readonly isKeyChecked: boolean
}

export type CopyOutcome =
  | { readonly ok: true; readonly summary: CopySummary }
  /** `message` says what is wrong and what to do; a refusal changed nothing. */
  | { readonly ok: false; readonly isRefusal: boolean; readonly message: string }

/** Backups of the store that a configuration names. */
export interface Copies {
  readonly backUp: (order: BackupOrder) => Promise<CopyOutcome>
  readonly verify: (order: VerifyOrder) => Promise<CopyOutcome>
  readonly restore: (order: RestoreOrder) => Promise<CopyOutcome>
}

/** Everything of the outer world that the command line uses. */
export interface CliDependencies {
  readonly version: string
  readonly environment: Environment
  /** Runs the gate until a signal ends it. Resolves to the exit code. */
  readonly serve: (options: ServeOptions) => Promise<number>
  readonly loadConfig: (file: string) => Promise<LoadResult>
  readonly fileExists: (file: string) => boolean
  readonly copies: Copies
  readonly fetch: typeof globalThis.fetch
  readonly stdout: Screen
  readonly stderr: Screen
  /** Asks at the terminal; undefined when nobody sits at one. */
  readonly ask: ((question: string) => Promise<string>) | undefined
  /** Epoch ms. */
  readonly clock: () => number
  /** For what goes on without end: aborted by Ctrl-C, by SIGTERM, and when nobody reads any more what is printed. */
  readonly untilEnded: () => AbortSignal
}

/** What a command works with. */
export interface CliContext extends CliDependencies {
  /** Sets what the process ends with, if the command does not fail. */
  readonly setExitCode: (code: number) => void
}
