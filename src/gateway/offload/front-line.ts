import type { Extent } from '../../deliver/contract.ts'
import type { Outcome } from '../../telemetry/observation.ts'

/** How a delivery ended, by the log of the server that made it. */
export interface FrontLine {
  /** By which the gate knows the delivery. */
  readonly id: string
  readonly status: number
  /** Of the body, as sent to the client. */
  readonly bytes: number
  /** In the end the gate was asked for the file after all, and has counted that as any other request. */
  readonly isByGate: boolean
  readonly userAgent: string | null
}

/** What was handed over to be sent. */
interface Expected {
  readonly method: string
  readonly extent: Extent
}

/** How the front ended a delivery. */
export interface FrontEnd {
  /** Bytes of the file that went out, and were handed over to be sent. */
  readonly sent: number
  /** Bytes of the file that went out besides. */
  readonly beyond: number
  readonly outcome: Outcome
}

/** The client was gone before nginx had an answer; some of it may have gone out. */
const CLIENT_GONE = 499

/** Only a 200 or 206 has bytes of the file: the page of a 404 is the front's own. */
export function frontEnd({ method, extent }: Expected, line: FrontLine): FrontEnd {
  const { status, bytes } = line
  const isFile = status === 200 || status === 206
  if (line.isByGate) return { sent: 0, beyond: 0, outcome: 'aborted' }
  if (method === 'HEAD' || (!isFile && status !== CLIENT_GONE)) {
    return { sent: 0, beyond: 0, outcome: isFile ? 'delivered' : outcomeOf(status) }
  }
  const most = extent.size === null ? bytes : extent.end - extent.start
  const isWhole = isFile && bytes >= most
  const slack = status === 200 && isPart(extent) ? 0 : FRAMING_BYTES + most * FRAMING_SHARE
  return {
    sent: Math.min(bytes, most),
    beyond: bytes > most + slack ? bytes - most : 0,
    outcome: isWhole ? 'delivered' : 'aborted',
  }
}

/** nginx counts the framing of HTTP/2 as bytes of the body. */
const FRAMING_BYTES = 4_096
const FRAMING_SHARE = 1 / 16

/** Less than the whole file was to be sent. */
export function isPart({ start, end, size }: Extent): boolean {
  return size !== null && end - start < size
}

function outcomeOf(status: number): Outcome {
  if (status === 304) return 'not_modified'
  if (status === 404 || status === 410) return 'not_found'
  return status >= 500 ? 'upstream_failed' : 'passed'
}

/** All of what was handed over. Without a known size one byte says that there was a copy. */
export function wholeOf({ method, extent: { start, end, size } }: Expected): number {
  if (method === 'HEAD') return 0
  return size === null ? 1 : end - start
}
