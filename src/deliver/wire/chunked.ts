/** Reads a chunked body (RFC 9112 §7.1) in pieces of any size, without copying. Extensions and trailers are passed over. */
export interface ChunkedReader {
  /**
   * Goes on reading `buffer` at `at`, up to `end`. `data`: a piece of the body lies from `from` to `at`; `more`: everything was read;
   * `end`: the body is whole, what follows at `at` is not part of it; `malformed`: this is no chunked body.
   */
  readonly next: (buffer: Buffer, at: number, end: number) => 'data' | 'more' | 'end' | 'malformed'
  /** After `next`: up to where was read, and where the piece begins. */
  readonly place: { at: number; from: number }
}

/** Bytes of one chunk's extensions, and of all trailers. */
const LONGEST_EXTENSION = 4096
const LONGEST_TRAILERS = 16 * 1024
/** 52 bits: below what a number holds exactly. */
const MOST_DIGITS = 13

const [TAB, LF, CR, SEMICOLON] = [9, 10, 13, 59]

type Step = (byte: number) => Step | 'malformed'

export function createChunkedReader(): ChunkedReader {
  const place = { at: 0, from: 0 }
  /** Of the chunk, not read yet. */
  let left = 0
  let digits = 0
  /** Of the extension or the trailers. */
  let skipped = 0
  let isOver = false

  const size: Step = (byte) => {
    const digit = hexDigit(byte)
    if (digit === -1) return digits === 0 ? 'malformed' : afterSize(byte)
    left = left * 16 + digit
    return ++digits > MOST_DIGITS ? 'malformed' : size
  }
  const afterSize: Step = (byte) => {
    if (byte === CR) return sizeLf
    skipped = 0
    return byte === SEMICOLON ? extension : 'malformed'
  }
  const extension: Step = (byte) => {
    if (byte === CR) return sizeLf
    return isControl(byte) || ++skipped > LONGEST_EXTENSION ? 'malformed' : extension
  }
  const sizeLf: Step = (byte) => {
    if (byte !== LF) return 'malformed'
    skipped = 0
    digits = 0
    return left === 0 ? trailerStart : data
  }
  /** Not asked for bytes: `next` takes the data as a whole. */
  const data: Step = () => 'malformed'
  const dataCr: Step = (byte) => (byte === CR ? dataLf : 'malformed')
  const dataLf: Step = (byte) => (byte === LF ? size : 'malformed')
  const trailerStart: Step = (byte) => (byte === CR ? lastLf : trailer(byte))
  const trailer: Step = (byte) => {
    if (byte === CR) return trailerLf
    return isControl(byte) || ++skipped > LONGEST_TRAILERS ? 'malformed' : trailer
  }
  const trailerLf: Step = (byte) => (byte === LF ? trailerStart : 'malformed')
  const lastLf: Step = (byte) => {
    isOver = byte === LF
    return isOver ? size : 'malformed'
  }

  let step = size
  const next: ChunkedReader['next'] = (buffer, at, end) => {
    place.at = at
    while (place.at < end) {
      if (step === data) {
        place.from = place.at
        place.at = Math.min(end, place.at + left)
        left -= place.at - place.from
        if (left === 0) step = dataCr
        return 'data'
      }
      const following = step(buffer[place.at++] ?? 0)
      if (following === 'malformed') return 'malformed'
      step = following
      if (isOver) return 'end'
    }
    return 'more'
  }
  return { next, place }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

function isControl(byte: number): boolean {
  return (byte < 32 && byte !== TAB) || byte === 127
}
