import type { Store } from '../store/contract.ts'
import type { Dispatcher } from './dispatcher.ts'

export interface EventsOptions {
  readonly store: Pick<Store, 'events' | 'audit' | 'tokens'>
  readonly dispatcher: Dispatcher
  readonly scan: (isStopped: () => boolean) => Promise<void>
  /** Names this process among those that share the store. */
  readonly holder: string
  readonly keep: () => {
    readonly auditMs: number
    readonly deliveriesMs: number
  }
  /** Epoch ms. */
  readonly clock: () => number
  /** Milliseconds that only grow. */
  readonly monotonic: () => number
  /** Resolves after so many ms, or when it is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onBacklog: (backlog: { readonly waiting: number; readonly dead: number }) => void
  /** Another process looks at the tokens: what this one counted is no longer true. */
  readonly onFollow: () => void
  readonly onError: (error: unknown) => void
}

/** What goes on behind a running Postern. */
export interface Events {
  /** Begins nothing more; resolves when what is under way has ended. */
  readonly stop: () => Promise<void>
}

const LEASE = 'events'
const LEASE_MS = 20_000
const RENEW_MS = 5_000
const TURN_MS = 500
/** After an error: the store has its own patience. */
const RECOVER_MS = 5_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Refusals of an hour are summed up when every process has written them. */
const HOUR_SLACK_MS = 2 * MINUTE_MS
const SCAN_MS = 5 * MINUTE_MS
/** A look at all tokens takes at most so much of the time. */
const SCAN_SHARE = 20
const BACKLOG_MS = 10_000
/** What searches know of the use of tokens is about so old, as long as it is not more than some hundred tokens that are used in that time. */
const REFRESH_MS = 1_000
/** With more of them it gets older, so that it does not take the processor from downloads. */
const REFRESH_SHARE = 9
/** So that nobody waits long for it. */
const REFRESHED_AT_ONCE = 25
const REFRESH_PAUSE_MS = 10
/** As the contract promises. */
const SEEN_MS = 400 * 24 * HOUR_MS

/**
 * Hands events out, delivers them, looks for what nobody noticed, tells searches what was used, and forgets what is old: in one process of all that share the store, which
 * has a lease. When it dies another one has it within half a minute. Whatever two of them might do at once, the store does once.
 */
export function startEvents(options: EventsOptions): Events {
  const { store, dispatcher, holder, clock, monotonic, pause, onBacklog, onFollow, onError } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const isStopped = (): boolean => signal.aborted
  const jobs = createJobs(options, isStopped)
  let isLeader = false
  let renewAt = -Infinity

  const renew = async (): Promise<void> => {
    if (monotonic() < renewAt) return
    isLeader = false
    const now = clock()
    isLeader = await store.events.lease(LEASE, holder, now, now + LEASE_MS)
    renewAt = monotonic() + RENEW_MS
    if (isLeader) return
    onBacklog({ waiting: 0, dead: 0 })
    onFollow()
  }
  const turn = async (): Promise<number> => {
    try {
      await renew()
      if (!isLeader) return RENEW_MS
      await dispatcher.turn()
      jobs.begin()
      return TURN_MS
    } catch (error) {
      onError(error)
      return RECOVER_MS
    }
  }
  const run = async (): Promise<void> => {
    while (!isStopped()) await pause(await turn(), signal)
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
      await Promise.all([dispatcher.drain(), jobs.drain()])
      // Another process need not wait until it is over.
      if (isLeader) await store.events.lease(LEASE, holder, clock(), clock() + 1).catch(() => undefined)
    },
  }
}

interface Job {
  readonly run: () => Promise<void>
  readonly everyMs: number
  /** Rests so many times as long as it took, at least. */
  readonly share?: number
}

/** Tells searches of the use of some tokens. */
async function refreshSome({ store, clock, pause }: EventsOptions): Promise<number> {
  const count = await store.tokens.refreshUsage(clock(), REFRESHED_AT_ONCE)
  if (count === REFRESHED_AT_ONCE) await pause(REFRESH_PAUSE_MS, AbortSignal.timeout(REFRESH_PAUSE_MS))
  return count === REFRESHED_AT_ONCE ? count : 0
}

/** Things to be done now and then, each of them alone and on its own: turns do not wait for them. */
function createJobs(options: EventsOptions, isStopped: () => boolean) {
  const { store, scan, keep, clock, monotonic, onBacklog, onError } = options
  const untilNone = async (step: () => Promise<number>): Promise<void> => {
    while (!isStopped() && (await step()) > 0);
  }
  const all: readonly Job[] = [
    { run: async () => onBacklog(await store.events.counts()), everyMs: BACKLOG_MS },
    {
      run: () => {
        const hour = Math.floor((clock() - HOUR_SLACK_MS) / HOUR_MS) * HOUR_MS
        return untilNone(() => store.events.closeHours(hour, clock()))
      },
      everyMs: MINUTE_MS,
    },
    { run: () => scan(isStopped), everyMs: SCAN_MS, share: SCAN_SHARE },
    {
      run: () => untilNone(() => refreshSome(options)),
      everyMs: REFRESH_MS,
      share: REFRESH_SHARE,
    },
    {
      run: async () => {
        const now = clock()
        await untilNone(() => store.audit.sweep(now - keep().auditMs))
        await untilNone(() => store.events.sweep(now - keep().deliveriesMs, now - SEEN_MS))
      },
      everyMs: HOUR_MS,
    },
  ]
  const dueAt = new Map<Job, number>()
  const underway = new Set<Promise<void>>()
  const start = async (job: Job): Promise<void> => {
    const startedAt = monotonic()
    dueAt.set(job, Infinity)
    await job.run().catch(onError)
    dueAt.set(job, monotonic() + Math.max(job.everyMs, (job.share ?? 0) * (monotonic() - startedAt)))
  }
  return {
    begin: (): void => {
      for (const job of all) {
        if (monotonic() < (dueAt.get(job) ?? -Infinity)) continue
        const work = start(job)
        underway.add(work)
        void work.finally(() => underway.delete(work))
      }
    },
    drain: async (): Promise<void> => void (await Promise.all(underway)),
  }
}
