/** A running server that hands out the storage's files. */
export interface Peer extends AsyncDisposable {
  readonly name: string
  /** No trailing slash. */
  readonly origin: string
  /** The process whose CPU time is counted. */
  readonly pid: number
  /** Where it serves a file of the storage; begins with a slash. */
  readonly pathOf: (path: string) => string
}
