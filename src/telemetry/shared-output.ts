import type { LogDestination } from './line-queue.ts'

/** What a pipe takes in one piece (PIPE_BUF of Linux): a longer write may be mixed with those of other processes. */
const ATOMIC_BYTES = 4096
const NEWLINE = 10
/** Lengths to which the texts of a line are cut until it is short enough. The last one fits any line that we write. */
const SHORTER = [1000, 300, 100, 20]

/**
 * Several processes write their lines to one pipe, file or socket: none of these writes is longer than what is taken in one piece, and
 * each ends with a line. A line of its own that is longer still goes out as it is.
 */
export function inWholeLines(destination: LogDestination): LogDestination {
  return (bytes, done) => destination(bytes.subarray(0, wholeLinesIn(bytes)), done)
}

function wholeLinesIn(bytes: Uint8Array): number {
  if (bytes.length <= ATOMIC_BYTES) return bytes.length
  const last = bytes.lastIndexOf(NEWLINE, ATOMIC_BYTES - 1)
  return (last === -1 ? bytes.indexOf(NEWLINE) : last) + 1 || bytes.length
}

/** `line`, a JSON object, escaped; its texts are cut where it would be too long to be written in one piece. */
export function fitLine(line: string, escape: (line: string) => string): string {
  const whole = escape(line)
  if (fits(whole)) return whole
  const fields: unknown = JSON.parse(line)
  for (const length of SHORTER) {
    const shorter = escape(`${JSON.stringify(fields, cutTo(length))}\n`)
    if (fits(shorter)) return shorter
  }
  return whole
}

function fits(line: string): boolean {
  return line.length <= ATOMIC_BYTES / 3 || Buffer.byteLength(line) <= ATOMIC_BYTES
}

function cutTo(length: number): (key: string, value: unknown) => unknown {
  return (_key, value) =>
    typeof value === 'string' && value.length > length ? `${value.slice(0, length)}…` : value
}
