import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config/types.ts'
import type { DeliveryRequest, Store, UsageDelta } from '../store/contract.ts'
import { createStoreHealth, type StoreHealth } from '../store/health.ts'
import { createAdopter, earlier } from '../store/journal/adopt.ts'
import { createJournal } from '../store/journal/journal.ts'
import { createKnownCounters } from '../store/journal/known-counters.ts'
import { createReplay } from '../store/journal/replay.ts'
import { createStandIn, type StandIn } from '../store/journal/stand-in.ts'
import type { RecallOptions } from '../store/token-memory.ts'
import type { Log } from '../telemetry/log.ts'
import type { StoreFigures } from '../telemetry/store-metrics.ts'
import { createOutageLog } from './outage-log.ts'
import { createReplayWaiting } from './replay-waiting.ts'

/** What a process does when its store fails. */
export interface Fallback {
  /** A call to the store failed. */
  readonly suspect: () => void
  /** Without a journal undefined. */
  readonly recall: RecallOptions | undefined
  readonly standIn: StandIn | undefined
  /** Where traffic waits in memory that neither store nor journal took. */
  readonly keepIn: (keep: (delta: UsageDelta) => void) => void
  readonly figures: () => StoreFigures
  /** Tells the store what it can, and leaves the rest to the next process. */
  readonly close: () => Promise<void>
}

export interface FallbackOptions {
  readonly journal: Config['journal']
  readonly store: Store
  readonly log: Log
  /** Whether this process looks after what dead ones left. */
  readonly adopts: boolean
}

const PROBE_MS = 250
const REPLAY_MS = 1_000
const LOOK_MS = 5_000
const KNOWN_TOKENS = 100_000
/** How often the end of a delivery is tried that the store does not take while it takes everything else: for some minutes. */
const END_ATTEMPTS = 300

export function createFallback(options: FallbackOptions): Fallback {
  return options.journal === null ? createWatch(options) : createStanding(options, options.journal)
}

const NOTHING = { entries: 0, bytes: 0, oldestSeconds: 0, replayed: 0, deliveries: new Map<string, number>() }

/** Only sees whether the store answers. */
function createWatch({ store, log }: FallbackOptions): Fallback {
  const outage = createOutageLog(log, () => performance.now())
  const health = watchStore(store, async () => undefined, outage)
  return {
    suspect: health.suspect,
    recall: undefined,
    standIn: undefined,
    keepIn: () => undefined,
    figures: () => ({ ...NOTHING, isUp: health.state() === 'up' }),
    close: async () => health.close(),
  }
}

type Outage = ReturnType<typeof createOutageLog>

function watchStore(store: Store, recover: () => Promise<void>, { onDown, onUp }: Outage): StoreHealth {
  return createStoreHealth({
    ping: store.ping,
    // A process that has nothing else to do may end.
    pause: (ms) => pause(ms, undefined, { ref: false }),
    probeMs: PROBE_MS,
    recover,
    onDown,
    onUp,
  })
}

function createStanding(
  { store, log, adopts }: FallbackOptions,
  settings: NonNullable<Config['journal']>,
): Fallback {
  const { folder, maxBytes, believeForMs } = settings
  const outage = createOutageLog(log, () => performance.now())
  const deliveries = new Map<string, number>()
  let keep: (delta: UsageDelta) => void = () => undefined
  const journal = createJournal({
    folder,
    maxBytes,
    newWriter: () => randomBytes(12).toString('hex'),
    clock: Date.now,
    onLost: (entries) =>
      log.error('Files of the journal were removed by somebody else', undefined, { entries }),
  })
  const replay = createReplay({ usage: store.usage, attempts: END_ATTEMPTS, onReplayed: outage.onReplayed })
  const adopter = adopts ? createAdopter(folder, replay) : undefined
  const waiting = createReplayWaiting({
    journal,
    replay,
    adopter,
    onTrouble: (file, error) => log.error('The journal can not be read', error, { file }),
  })
  const recover = async (): Promise<void> => {
    await waiting.own()
    // What came meanwhile is little.
    await waiting.own()
    standIn.endOutage()
  }
  const health = watchStore(store, recover, outage)
  const standIn = createStandIn({
    usage: store.usage,
    journal,
    health,
    known: createKnownCounters(KNOWN_TOKENS),
    monotonic: () => performance.now(),
    keep: (delta) => keep(delta),
    onDelivery: ({ artifact }: DeliveryRequest) => {
      const repository = artifact.split('/', 2).join('/')
      deliveries.set(repository, (deliveries.get(repository) ?? 0) + 1)
      outage.onDelivery()
    },
  })
  const isUp = (): boolean => health.state() === 'up'
  const replayOwn = async (): Promise<void> => {
    if (isUp() && journal.waiting().entries > 0) await waiting.own().catch(health.suspect)
  }
  const lookAfterOthers = async (): Promise<void> => {
    await adopter
      ?.look()
      .catch((error: unknown) => log.error('The journal can not be read', error, { folder }))
    if (isUp()) await waiting.left().catch(health.suspect)
    outage.tellAdopted()
  }
  const timers = [repeat(REPLAY_MS, replayOwn), repeat(LOOK_MS, lookAfterOthers, true)]
  return {
    suspect: health.suspect,
    recall: { believeForMs, isStoreDown: () => health.state() === 'down', onFailure: health.suspect },
    standIn,
    keepIn: (next) => {
      keep = next
    },
    figures: () => {
      const [own, left] = [journal.waiting(), adopter?.waiting()]
      const oldestAt = earlier(own.oldestAt, left?.oldestAt)
      return {
        isUp: isUp(),
        entries: own.entries + (left?.entries ?? 0),
        bytes: own.bytes + (left?.bytes ?? 0),
        oldestSeconds: oldestAt === undefined ? 0 : Math.max(0, (Date.now() - oldestAt) / 1000),
        replayed: outage.replayed(),
        deliveries,
      }
    },
    close: async () => {
      await Promise.all(timers.map((stop) => stop()))
      await replayOwn()
      health.close()
      journal.close()
      adopter?.close()
    },
  }
}

/** Runs `work` again and again, never twice at once. Gives what ends it, which resolves when it has ended. */
function repeat(everyMs: number, work: () => Promise<void>, atOnce = false): () => Promise<void> {
  let underway: Promise<void> | undefined
  const begin = (): void => {
    underway ??= work().finally(() => {
      underway = undefined
    })
  }
  if (atOnce) begin()
  const timer = setInterval(begin, everyMs).unref()
  return async () => {
    clearInterval(timer)
    await underway
  }
}
