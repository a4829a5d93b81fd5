import type { Socket } from 'node:net'
import { parseProxyHeader } from '../request/proxy-header.ts'

export interface Proxied {
  /** Whom the proxy speaks for; undefined: for itself. What follows the header can be read. */
  readonly onSource: (source: string | undefined) => void
  readonly onMalformed: (why: string) => void
}

/** Takes the PROXY header off a connection that was just made. Exactly one of the two is called, unless the connection ends before. */
export function readProxied(socket: Socket, timeoutMs: number, { onSource, onMalformed }: Proxied): void {
  let taken: Buffer = Buffer.alloc(0)
  const done = (): void => {
    clearTimeout(isLate)
    socket.off('readable', read)
    socket.off('close', done)
  }
  const read = (): void => {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) return
    taken = Buffer.concat([taken, chunk])
    const header = parseProxyHeader(taken)
    if (header.kind === 'more') return
    done()
    if (header.kind === 'malformed') return onMalformed(header.why)
    const rest = taken.subarray(header.length)
    if (rest.length > 0) socket.unshift(rest)
    onSource(header.source)
  }
  const isLate = setTimeout(() => {
    done()
    onMalformed('its PROXY header did not come in time')
  }, timeoutMs)
  socket.on('readable', read)
  socket.once('close', done)
}
