import type { Replayed } from '../store/journal/replay.ts'
import type { Log } from '../telemetry/log.ts'

/** One line when the store goes and one when it is back, whatever happens in between; and what an operator must know of the journal. */
export interface OutageLog {
  readonly onDown: (error: unknown) => void
  readonly onUp: () => void
  /** A delivery was charged without the store. */
  readonly onDelivery: () => void
  readonly onReplayed: (replayed: Replayed) => void
  /** Tells what was counted since the last line, outside of outages. */
  readonly tellAdopted: () => void
  /** Entries that the store was told later, all in all. */
  readonly replayed: () => number
}

export function createOutageLog(log: Log, monotonic: () => number): OutageLog {
  let downSince: number | undefined
  let deliveries = 0
  let entries = 0
  let told = 0
  const untold = (): number => {
    const more = entries - told
    told = entries
    return more
  }
  return {
    onDown: (error) => {
      downSince = monotonic()
      deliveries = 0
      log.error('The store does not answer', error)
    },
    onUp: () => {
      const seconds = Math.round((monotonic() - (downSince ?? monotonic())) / 1000)
      downSince = undefined
      log.info('The store answers again', { seconds, deliveries, replayed: untold() })
    },
    onDelivery: () => void deliveries++,
    onReplayed: (replayed) => {
      entries += replayed.entries
      tellDamage(log, replayed)
    },
    tellAdopted: () => {
      if (downSince !== undefined || entries === told) return
      log.info('Usage from the journal was added', { replayed: untold() })
    },
    replayed: () => entries,
  }
}

const COMPLAINTS: Readonly<Record<Replayed['state'], string | undefined>> = {
  whole: undefined,
  torn: 'A file of the journal ends in the middle of a line, as after a loss of power; what is before it was counted',
  damaged: 'A file of the journal is damaged; what is whole of it was counted',
  unreadable: 'A file of the journal can not be read; nothing of it was counted',
  expired: 'A file of the journal is too old to know whether it was counted; nothing more of it was',
}

function tellDamage(log: Log, { segment, state, endsLost, keptAs }: Replayed): void {
  const complaint = COMPLAINTS[state]
  if (complaint !== undefined) log.warn(complaint, { segment, keptAs })
  if (endsLost > 0)
    log.error('The store did not take the ends of deliveries', undefined, { segment, endsLost })
}
