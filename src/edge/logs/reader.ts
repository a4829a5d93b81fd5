/** Something that brings the lines of a front's log. */
export interface LogReader {
  /** Resolves when it has stopped, with the lines that it brought settled. */
  readonly close: () => Promise<void>
}

export interface ReaderOptions {
  /** Settles lines. Resolves when that is written; rejects when they are to come again. */
  readonly onLines: (lines: readonly string[]) => Promise<void>
  readonly onFailure: (error: unknown) => void
}
