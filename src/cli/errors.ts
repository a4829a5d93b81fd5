/** What the process ends with; documented in the help. */
export const EXIT: {
  /** The answer is no: refused, not found, not confirmed, mistakes in the file. */
  readonly refused: 1
  /** There is no answer: wrong usage, or the management API can't be asked. */
  readonly unusable: 2
} = { refused: 1, unusable: 2 }

interface CliErrorOptions extends ErrorOptions {
  readonly mayPass?: true
}

/** Ends a command with a sentence that says what to do. */
export class CliError extends Error {
  readonly exitCode: number
  /** The same may succeed a little later. */
  readonly mayPass: boolean
  constructor(message: string, exitCode: number, options: CliErrorOptions = {}) {
    super(message, options)
    this.name = 'CliError'
    this.exitCode = exitCode
    this.mayPass = options.mayPass === true
  }
}

export function refused(message: string): CliError {
  return new CliError(message, EXIT.refused)
}

export function unusable(message: string, cause?: unknown): CliError {
  return new CliError(message, EXIT.unusable, { cause })
}

/** As `unusable`, of what may be otherwise a little later. */
export function unavailable(message: string, cause?: unknown): CliError {
  return new CliError(message, EXIT.unusable, { cause, mayPass: true })
}
