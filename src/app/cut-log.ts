import type { DoorCut } from '../front/door.ts'
import type { Log } from '../telemetry/log.ts'

/** One line each, however many connections are refused for it. */
const QUIET_MS = 10_000

const MESSAGES: Partial<Record<DoorCut, string>> = {
  too_many: 'Connections are refused: there are too many (client.max_connections)',
  too_many_from_address:
    'Connections of an address are refused: it has too many (client.max_connections_per_address)',
  no_proxy: 'Connections are refused: they are not those of a trusted proxy (proxy_protocol)',
}

/** Tells of connections that were refused, now and then. What clients do by themselves all the time is not told. */
export function createCutLog(log: Log, monotonic: () => number): (reason: DoorCut, why?: string) => void {
  const told = new Map<DoorCut, number>()
  return (reason, why) => {
    const message = MESSAGES[reason]
    const now = monotonic()
    if (message === undefined || now - (told.get(reason) ?? -Infinity) < QUIET_MS) return
    told.set(reason, now)
    log.warn(message, why === undefined ? {} : { why })
  }
}
