import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { LogReader, ReaderOptions } from './reader.ts'

export interface SyslogOptions extends ReaderOptions {
  readonly host: string
  readonly port: number
  /** True for an address whose lines count. */
  readonly isPeer: (address: string) => boolean
  readonly attempts: number
  readonly pause: () => Promise<void>
  /** Told how many lines were lost for want of room. */
  readonly onLost: (count: number) => void
}

const MOST_WAITING = 100_000
const AT_ONCE = 500
/** What comes while this process is busy. */
const BUFFER_BYTES = 8 * 1024 * 1024

/**
 * Receives the log of a front over UDP, as nginx and HAProxy send it to a syslog server: one line in each packet. A packet that is lost, or comes
 * while nobody listens, is no line: its delivery is taken for whole in the end.
 */
export async function startSyslog(options: SyslogOptions): Promise<LogReader> {
  const { host, port, isPeer, onLost, onFailure } = options
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: BUFFER_BYTES })
  let waiting: string[] = []
  let writing: Promise<void> | undefined
  let lost = 0

  const settle = async (): Promise<void> => {
    while (waiting.length > 0) {
      const lines = waiting.slice(0, AT_ONCE)
      waiting = waiting.slice(AT_ONCE)
      await settleWithRetries(options, lines)
      if (lost > 0) onLost(lost)
      lost = 0
    }
    writing = undefined
  }
  socket.on('message', (packet, { address }) => {
    if (!isPeer(address)) return
    if (waiting.length >= MOST_WAITING) lost++
    else waiting.push(packet.toString('utf8'))
    writing ??= settle()
  })
  const bound = once(socket, 'listening')
  socket.bind(port, host === '' ? undefined : host)
  await bound
  socket.on('error', onFailure)
  return {
    close: async () => {
      const closed = once(socket, 'close')
      socket.close()
      await closed
      await writing
    },
  }
}

/** They can't be asked for again. */
async function settleWithRetries(
  { attempts, pause, onLines, onFailure }: SyslogOptions,
  lines: readonly string[],
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await onLines(lines)
    } catch (error) {
      onFailure(error)
      await pause()
    }
  }
}
