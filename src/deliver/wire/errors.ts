/**
 * Why a storage gave no answer, or none that is whole. `late`: it did not begin in time; `cut`: it closed the connection; `silent`: it
 * stopped inside a body; `malformed`: what it sent is not HTTP as it is read here; `unreachable`: there was no connection;
 * `unsendable`: the request would not have been one; `closed`: no more orders are taken.
 */
export type WireFault = 'late' | 'cut' | 'silent' | 'malformed' | 'unreachable' | 'unsendable' | 'closed'

export class WireError extends Error {
  readonly code: WireFault

  constructor(code: WireFault, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'WireError'
    this.code = code
  }
}
