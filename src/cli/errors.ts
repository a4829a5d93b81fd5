/** What the process ends with; documented in the help. */
export const EXIT: {
  /** The answer is no: refused, not found, not confirmed, mistakes in the file. */
  readonly refused: 1
  /** There is no answer: wrong usage, or the management API can't be asked. */
  readonly unusable: 2
} = { refused: 1, unusable: 2 }

/** Ends a command with a sentence that says what to do. */
export class CliError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

export function refused(message: string): CliError {
  return new CliError(message, EXIT.refused)
}

export function unusable(message: string, cause?: unknown): CliError {
  return new CliError(message, EXIT.unusable, { cause })
}
