import {
  BATCH_MS,
  StoreError,
  type DeliveryRequest,
  type Exhausted,
  type Reservation,
  type Settleable,
  type Usage,
  type UsageDelta,
  type UsageQuery,
  type UsageStore,
} from '../contract.ts'
import { createRedisClients } from './clients.ts'
import type { SharedClock } from './clock.ts'
import type { Connection } from './connection.ts'
import { asStoreError, isDoubtful, isFromReplica, isTemporary, unavailable } from './errors.ts'
import type { Keys } from './keys.ts'
import type { Living, Processes } from './processes.ts'
import { createRecorder } from './record.ts'
import { isReady, marksFor, reserveAll, type ReserveAnswer, type Reserving } from './reserve.ts'
import type { Resets } from './resets.ts'
import type { Scripts } from './scripts.ts'
import { readTrace, settleAll, writeTrace, type Settled, type Settling } from './settle.ts'
import { inGroups } from '../slices.ts'
import { takeBackOnce } from '../take-back-once.ts'
import { createTraces, type Trace, type Traces } from './traces.ts'
import { createTurnBatch, type Outcome } from './turn-batch.ts'
import { createUnsettled } from './unsettled.ts'

export interface UsageOptions {
  readonly connection: Pick<Connection, 'isCluster' | 'reconnect' | 'complaint'>
  readonly scripts: Scripts
  readonly keys: Keys
  readonly processes: Processes
  readonly clock: SharedClock
  readonly resets: Resets
  readonly processId: string
  /** Epoch ms, of this host. */
  readonly hostClock: () => number
  readonly onWarning: (message: string) => void
}

/** The usage of a Redis store. */
export interface RedisUsage extends UsageStore {
  /** Writes what could not be written before. */
  readonly catchUp: () => Promise<void>
}

const COUNTERS_AT_ONCE = 100
const VALUES_EACH = 6

export function createRedisUsage(options: UsageOptions): RedisUsage {
  const { connection, scripts, keys, clock, resets, processId, hostClock, onWarning } = options
  const groupOf = connection.isCluster ? (token: string): string => token : (): string => ''
  const traces = connection.isCluster ? undefined : createTraces(keys.traces(processId))
  const settling = createSettling(options, groupOf, traces)
  const reserve = createReserving({ ...options, traces }, groupOf, settling.giveBack)
  const recorder = createRecorder({
    scripts,
    keys,
    isCluster: connection.isCluster,
    writer: processId,
    onLost: (token, reason) => onWarning(`Traffic of the token ${token} was not counted: ${reason}`),
  })
  return {
    reserve,
    settle: takeBackOnce(settling.settle),
    record: async (deltas, batch) => {
      const corrected = correctDeltas(clock, deltas)
      if (batch === undefined) return recorder.record(corrected)
      if (hostClock() - batch.at >= BATCH_MS) {
        throw new StoreError('expired', `The batch ${batch.id} is too old to be counted.`)
      }
      return recorder.recordBatch(corrected, batch.id)
    },
    read: (queries) => readUsage(scripts, keys, connection.isCluster ? 1 : COUNTERS_AT_ONCE, queries),
    reset: (token, now, note, isExpected) => resets.reset(token, clock.correct(now), note, isExpected),
    ...createRedisClients(scripts, keys),
    catchUp: async () => {
      await settling.catchUp()
      await recorder.flush()
      await resets.finish()
    },
  }
}

function createReserving(
  { connection, scripts, keys, processes, clock, traces }: UsageOptions & { traces: Traces | undefined },
  groupOf: (token: string) => string,
  giveBack: (item: Reserving, settled: Settled | undefined) => void,
): UsageStore['reserve'] {
  const send = async (
    items: readonly Reserving[],
    living?: Living,
  ): Promise<readonly Outcome<ReserveAnswer>[]> => {
    const trace = items.some(isReady) ? traces?.begin() : undefined
    try {
      const outcomes = await reserveAll(scripts, keys, { own: processes.number(), living, trace }, items)
      trace?.answered()
      return lookForMaster(connection, outcomes)
    } catch (error) {
      if (!isDoubtful(error)) throw error
      const failure = asStoreError(error, connection.complaint())
      return items.map((item, place) => {
        const settled = trace && isReady(item) ? mayBeSettled(item, trace, place) : undefined
        giveBack(item, settled)
        return { error: unanswered(failure, item, settled) }
      })
    }
  }
  const ask = createTurnBatch((items: readonly Reserving[]) => send(items))
  const askAgain = createTurnBatch(async (items: readonly Reserving[]) => send(items, await processes.look()))
  const correct = (request: DeliveryRequest): DeliveryRequest =>
    clock.offsetMs() === 0 ? request : shifted(request, clock.correct(request.now))
  return async (request): Promise<Reservation | Exhausted> => {
    const proof = processes.assertAlive()
    if (proof !== undefined) await proof
    const item = { id: processes.nextId(marksFor(request)), request: correct(request) }
    const answer = await ask(groupOf(request.token), item)
    if (answer !== 'unsure') return answer
    const sure = await askAgain(groupOf(request.token), item)
    if (sure === 'unsure') throw unavailable('it is not sure who lives')
    return sure
  }
}

/** The error of one of the deliveries of a call that may have been carried out. */
function unanswered(
  { message, cause }: StoreError,
  { id, request: { token, client, artifact } }: Reserving,
  settled: Settled | undefined,
): StoreError {
  const trace = settled && writeTrace(settled)
  return new StoreError('unavailable', message, { cause, unanswered: { id, token, client, artifact, trace } })
}

function correctDeltas(clock: SharedClock, deltas: readonly UsageDelta[]): readonly UsageDelta[] {
  if (clock.offsetMs() === 0) return deltas
  return deltas.map((each) => {
    const lastUsedAt = clock.correct(each.lastUsedAt)
    return { ...each, lastUsedAt, periodStart: begunAt(each.periodStart, lastUsedAt) }
  })
}

/** A period that has not begun by the servers' time has not begun. */
function begunAt(periodStart: number | null | undefined, now: number): number | null {
  return periodStart !== null && periodStart !== undefined && periodStart <= now ? periodStart : null
}

function shifted(request: DeliveryRequest, now: number): DeliveryRequest {
  return { ...request, now, periodStart: begunAt(request.periodStart, now) }
}

function createSettling(
  { connection, scripts, keys, clock, onWarning }: UsageOptions,
  groupOf: (token: string) => string,
  traces: Traces | undefined,
) {
  const send = async (items: readonly Settling[]): Promise<readonly Outcome<number>[]> =>
    lookForMaster(connection, await settleAll(scripts, keys, items))
  const batch = createTurnBatch(send)
  const end = (item: Settling): Promise<number> => batch(groupOf(item.token), item)
  /** Reservations that were tried and are kept: who takes them back may be asked again. */
  const tried = new WeakSet<Settleable>()
  const isDone = async (item: Settling): Promise<boolean> => {
    try {
      await end(item)
      return true
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return !isDoubtful(error) && !isTemporary(reason)
    }
  }
  const unsettled = createUnsettled(
    (items) => Promise.all(items.map(isDone)),
    () => onWarning('Too many deliveries wait to be settled; the downloads of some stay charged'),
  )
  const settle: UsageStore['settle'] = async (reservation, sentBytes, now) => {
    const { id, token, client, artifact } = reservation
    const settled = settledOf(reservation, traces)
    const item = { id, token, client, artifact, sentBytes, now: clock.correct(now), settled }
    try {
      const givenBack = await end(item)
      const isTakenBack = settled !== undefined && 'epoch' in settled.known
      if (isTakenBack && !tried.has(reservation)) traces?.forget(`taken:${id}`)
      return givenBack
    } catch (error) {
      tried.add(reservation)
      unsettled.add(item)
      throw error
    }
  }
  return {
    settle,
    /** Nothing will be sent of it: nobody knows whether it was granted. */
    giveBack: ({ id, request }: Reserving, settled: Settled | undefined): void => {
      const { token, client, artifact, now, dryRun } = request
      if (dryRun !== true) unsettled.add({ id, token, client, artifact, now, sentBytes: 0, settled })
    },
    catchUp: unsettled.flush,
  }
}

function settledOf(
  { trace, isSettled, epoch, reservedBytes, charged = 0 }: Settleable,
  traces: Traces | undefined,
): Settled | undefined {
  if (trace !== undefined) return readTrace(trace)
  return isSettled && traces && { traces: traces.key, reservedBytes, charged, known: { epoch } }
}

function mayBeSettled({ request }: Reserving, { key, name }: Trace, place: number): Settled {
  const { kind, start, end } = request
  const charged = kind === 'free' ? 0 : 1
  return { traces: key, reservedBytes: end - start, charged, known: { call: name, place } }
}

/** Where a server that only reads was asked, another one has to be found. */
function lookForMaster<Answer>(
  { reconnect }: Pick<Connection, 'reconnect'>,
  outcomes: readonly Outcome<Answer>[],
): readonly Outcome<Answer>[] {
  const isReplica = outcomes.some((each) => 'error' in each && isFromReplica(each.error.message))
  if (isReplica) reconnect()
  return outcomes
}

async function readUsage(
  scripts: Scripts,
  keys: Keys,
  atOnce: number,
  queries: readonly UsageQuery[],
): Promise<readonly Usage[]> {
  const calls = inGroups(queries, atOnce).map(async (some) => {
    const usageKeys = some.map(({ token }) => keys.usage(token))
    const values = await scripts.readUsage(usageKeys, [])
    return some.map((query, index) => toUsage(query, values, index * VALUES_EACH))
  })
  return (await Promise.all(calls)).flat()
}

/** Usage as it counts in the period of the query. */
function toUsage({ periodStart }: UsageQuery, values: readonly (number | null)[], at: number): Usage {
  const count = (offset: number): number => Number(values[at + offset])
  const lastUsedAt = values[at + 4] ?? null
  const resetAt = values[at + 5] ?? null
  if (periodStart !== null && (resetAt === null || periodStart > resetAt)) {
    return { epoch: count(0) + 1, downloads: 0, clients: 0, bytes: 0, lastUsedAt, resetAt: periodStart }
  }
  return { epoch: count(0), downloads: count(1), clients: count(2), bytes: count(3), lastUsedAt, resetAt }
}
