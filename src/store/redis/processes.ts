import type { Keys } from './keys.ts'
import type { Scripts } from './scripts.ts'
import { inGroups } from '../slices.ts'

/** Who lives, as far as this process can tell. */
export interface Living {
  /** Highest number that was given to a process; one above it has just begun. */
  readonly highest: string
  /** Numbers between commas. */
  readonly numbers: string
}

/**
 * The processes that share the servers. Each has a number, which the servers give in rising order. Reservation ids begin with it, so that
 * "all up to this one are dead, but for these few" says who lives, however many there have been. Nobody's clock is needed: a process is
 * dead when this one has seen for some time that it does not beat any more.
 */
export interface Processes {
  readonly number: () => string
  /** An id for a reservation. `marks` come back by `marksOf`. */
  readonly nextId: (marks: string) => string
  /** Resolves when the others can be sure that this process lives: it beat not long ago, or does now. */
  readonly assertAlive: () => Promise<void> | undefined
  /** Asks anew who lives. */
  readonly look: () => Promise<Living>
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface ProcessesOptions {
  readonly scripts: Pick<Scripts, 'beat'>
  readonly keys: Pick<Keys, 'processes' | 'processNumber'>
  /** Unique among all processes, without a colon. */
  readonly processId: string
  readonly heartbeatMs: number
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /** Is told the servers' time in epoch ms, and how long the answer took, after each beat. */
  readonly onBeat: (serverTime: number, tookMs: number) => void
  /** Takes this process's number away. */
  readonly leave: (number: string) => Promise<unknown>
}

/** Beats that a process may miss before it is taken for dead. */
const MISSED_BEATS = 5
/** Beats that may be missed before this process asks whether it is still taken for alive. */
const ASSERTED_BEATS = 3

const ignore = (): void => undefined

/** What was said when the reservation was named. */
export function marksOf(reservation: string): string {
  return reservation.slice(reservation.lastIndexOf(':') + 1)
}

export function createProcesses(options: ProcessesOptions): Processes {
  const { scripts, keys, processId, heartbeatMs, monotonic, onBeat, leave } = options
  const watch = createDeathWatch(heartbeatMs)
  let own = ''
  let count = 0
  let provenAt = -Infinity
  let timer: NodeJS.Timeout | undefined
  let next: Promise<Living> | undefined
  let last: Promise<unknown> = Promise.resolve()

  const beat = async (): Promise<Living> => {
    const askedAt = monotonic()
    const answer = await scripts.beat([keys.processes, keys.processNumber], [own, ...watch.dead()])
    const [number, highest, serverTime, ...beats] = answer
    own = number
    provenAt = askedAt
    watch.see(beats, askedAt)
    onBeat(serverTime, monotonic() - askedAt)
    return { highest, numbers: `,${[...watch.living(), own].join(',')},` }
  }
  /** One beat after the other. Callers share the next one, which has not begun yet. */
  const look = (): Promise<Living> => {
    if (next !== undefined) return next
    const mine = last.then(() => {
      next = undefined
      return beat()
    })
    next = mine
    last = mine.then(ignore, ignore)
    return mine
  }
  return {
    number: () => own,
    nextId: (marks) => `${own}.${processId}:${++count}:${marks}`,
    assertAlive: () =>
      monotonic() - provenAt < ASSERTED_BEATS * heartbeatMs ? undefined : look().then(() => undefined),
    look,
    start: async () => {
      await look()
      // A beat that fails is made up for by the next; the store's own calls report servers that are gone.
      timer = setInterval(() => void look().catch(() => undefined), heartbeatMs).unref()
    },
    stop: async () => {
      clearInterval(timer)
      await leave(own)
    },
  }
}

interface DeathWatch {
  /** Takes in pairs of number and last beat, as they were at `now`. */
  readonly see: (beats: readonly string[], now: number) => void
  readonly living: () => readonly string[]
  /** Pairs of number and last beat. */
  readonly dead: () => readonly string[]
}

/** Tells who has stopped beating, by nothing but what this process saw and for how long. */
function createDeathWatch(heartbeatMs: number): DeathWatch {
  let seen = new Map<string, { readonly beat: string; readonly since: number }>()
  let lastLook = -Infinity
  const isDead = ({ since }: { readonly since: number }): boolean =>
    lastLook - since >= MISSED_BEATS * heartbeatMs
  return {
    see: (beats, now) => {
      // After a pause of our own, or of the servers, everybody has time to beat again.
      if (now - lastLook > 2 * heartbeatMs) seen = new Map()
      const before = seen
      seen = new Map()
      for (const [number = '', beat = ''] of inGroups(beats, 2)) {
        const known = before.get(number)
        seen.set(number, known?.beat === beat ? known : { beat, since: now })
      }
      lastLook = now
    },
    living: () => [...seen].flatMap(([number, each]) => (isDead(each) ? [] : [number])),
    dead: () => [...seen].flatMap(([number, each]) => (isDead(each) ? [number, each.beat] : [])),
  }
}
