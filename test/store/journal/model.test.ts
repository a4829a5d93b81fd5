import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StoreError, type Reservation, type Store, type UsageStore } from '../../../src/store/contract.ts'
import type { StoreState } from '../../../src/store/health.ts'
import { createAdopter } from '../../../src/store/journal/adopt.ts'
import { createJournal, type Journal } from '../../../src/store/journal/journal.ts'
import { createKnownCounters } from '../../../src/store/journal/known-counters.ts'
import { createReplay } from '../../../src/store/journal/replay.ts'
import { createStandIn, type StandIn } from '../../../src/store/journal/stand-in.ts'
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import { createUsageBuffer, type UsageBuffer } from '../../../src/store/usage-buffer.ts'
import { newDelivery, newName, NOW, SIZE } from '../conformance/fixtures.ts'

/** What happens to two processes on one store and one folder. */
type Step =
  /** A delivery begins; each of its own artifact, so that it costs a download. */
  | {
      readonly do: 'begin'
      readonly process: 0 | 1
      readonly isLimited: boolean
      readonly isReady: boolean
      readonly client: number
    }
  | { readonly do: 'end'; readonly process: 0 | 1; readonly which: number; readonly sent: number }
  | { readonly do: 'store goes' }
  | { readonly do: 'store comes back' }
  /** The next call that is carried out is not answered. */
  | { readonly do: 'an answer is lost' }
  | { readonly do: 'kill'; readonly process: 0 | 1 }
  | { readonly do: 'replay'; readonly process: 0 | 1 }
  | { readonly do: 'adopt'; readonly process: 0 | 1 }
  | { readonly do: 'flush'; readonly process: 0 | 1 }

const process = fc.constantFrom(0 as const, 1 as const)
const sent = fc.constantFrom(0, 1, SIZE / 2, SIZE)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      do: fc.constant('begin' as const),
      process,
      isLimited: fc.boolean(),
      isReady: fc.boolean(),
      client: fc.nat(2),
    }),
    weight: 8,
  },
  { arbitrary: fc.record({ do: fc.constant('end' as const), process, which: fc.nat(9), sent }), weight: 6 },
  { arbitrary: fc.record({ do: fc.constant('store goes' as const) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('store comes back' as const) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('an answer is lost' as const) }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('kill' as const), process }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('replay' as const), process }), weight: 3 },
  { arbitrary: fc.record({ do: fc.constant('adopt' as const), process }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('flush' as const), process }), weight: 2 },
)

interface Underway {
  readonly reservation: Reservation
}

interface Process {
  readonly store: Store
  readonly journal: Journal
  readonly standIn: StandIn
  readonly buffer: UsageBuffer
  readonly underway: Underway[]
  readonly replay: () => Promise<void>
  readonly adopt: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** What the store is made to suffer. */
interface Weather {
  isGone: boolean
  losesAnswer: boolean
}

const base = mkdtempSync(join(tmpdir(), 'postern-outages-'))
let observer: Store
const file = join(base, 'postern.db')
const openStore = (): Promise<Store> =>
  openSqliteStore({ file, synchronous: 'normal', processId: randomUUID(), clock: Date.now })
beforeAll(async () => {
  observer = await openStore()
})
afterAll(async () => {
  await observer.close()
  rmSync(base, { recursive: true, force: true })
})

const ignore = (): void => undefined
const newWriter = (): string => randomUUID().replaceAll('-', '')

async function startProcess(folder: string, weather: Weather): Promise<Process> {
  const store = await openStore()
  const usage = troubled(store.usage, weather)
  const journal = createJournal({ folder, maxBytes: 1e9, newWriter, clock: Date.now, onLost: ignore })
  const state = (): StoreState => (weather.isGone ? 'down' : 'up')
  const standIn = createStandIn({
    usage,
    journal,
    health: { state, suspect: ignore },
    known: createKnownCounters(10),
    monotonic: () => performance.now(),
    keep: (delta) => buffer.keep(delta),
    onDelivery: ignore,
  })
  const buffer = createUsageBuffer({ usage: standIn, flushMs: 3_600_000, maxLedgers: 100, onFailure: ignore })
  const replay = createReplay({ usage, attempts: 1_000, onReplayed: ignore })
  const adopter = createAdopter(folder, replay)
  return {
    store,
    journal,
    standIn,
    buffer,
    underway: [],
    replay: async () => {
      for (const segment of journal.seal()) {
        await replay(segment)
        journal.remove(segment)
      }
    },
    adopt: async () => {
      await adopter.look()
      await adopter.replay()
    },
    // What the kernel does: locks go, files stay. What waits in memory is lost.
    kill: async () => {
      adopter.close()
      journal.close()
      await store.close()
    },
  }
}

/** The same store in bad weather. A reservation without an answer is not made: SQLite lies in the process. */
function troubled(usage: UsageStore, weather: Weather): UsageStore {
  const gone = (): never => {
    throw new StoreError('unavailable', 'gone')
  }
  const perhaps = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    if (weather.isGone) gone()
    const answer = await call()
    const isLost = weather.losesAnswer
    weather.losesAnswer = false
    return isLost ? gone() : answer
  }
  return {
    ...usage,
    reserve: (request) =>
      weather.isGone ? Promise.reject(new StoreError('unavailable', 'gone')) : usage.reserve(request),
    settle: (reservation, sentBytes, now) => {
      const settle = (): Promise<number> => usage.settle(reservation, sentBytes, now)
      return reservation.isSettled === true && !weather.isGone ? settle() : perhaps(settle)
    },
    // Without a batch a rejection says that nothing was added.
    record: (deltas, batch) =>
      batch === undefined && !weather.isGone
        ? usage.record(deltas)
        : perhaps(() => usage.record(deltas, batch)),
  }
}

/** What the store must say in the end. */
interface Expected {
  downloads: number
  bytes: number
  readonly clients: Map<string, number>
}

async function run(steps: readonly Step[]): Promise<void> {
  const folder = join(base, newName())
  const token = newName()
  const weather: Weather = { isGone: false, losesAnswer: false }
  const processes = [await startProcess(folder, weather), await startProcess(folder, weather)]
  const expected: Expected = { downloads: 0, bytes: 0, clients: new Map() }
  const count = (client: string, downloads: number): void => {
    expected.downloads += downloads
    expected.clients.set(client, (expected.clients.get(client) ?? 0) + downloads)
  }
  const begin = async (
    { standIn, underway }: Process,
    each: Extract<Step, { do: 'begin' }>,
  ): Promise<void> => {
    const limitBytes = each.isLimited ? 1e12 : null
    const client = `client-${each.client}`
    const request = newDelivery({
      token,
      client,
      artifact: newName(),
      limitDownloads: 1e6,
      limitBytes,
      isReady: each.isReady,
    })
    const answer = await standIn.reserve(request)
    if (!answer.granted) throw new Error('no limit is that small')
    underway.push({ reservation: answer })
    count(client, 1)
  }
  const end = async ({ standIn, underway }: Process, each: Extract<Step, { do: 'end' }>): Promise<void> => {
    const [delivery] = underway.splice(each.which % Math.max(1, underway.length), 1)
    if (delivery === undefined) return
    const { reservation } = delivery
    // In one piece, or not at all.
    const isWhole = reservation.isSettled === true && each.sent > 0
    const bytes = isWhole ? SIZE : each.sent
    if (!isWhole) await standIn.settle(reservation, bytes, NOW)
    if (bytes === 0) count(reservation.client, -1)
    expected.bytes += bytes
  }
  const restart = async (index: 0 | 1): Promise<void> => {
    const victim = processes[index]
    // What is settled is in the journal, or in memory for the second that may be lost: not what this is about.
    await victim?.buffer.flush()
    await victim?.kill()
    // What it had reserved for them may have been sent.
    for (const { reservation } of victim?.underway ?? []) expected.bytes += reservation.reservedBytes
    processes[index] = await startProcess(folder, weather)
  }
  const take = async (each: Step): Promise<void> => {
    if (each.do === 'store goes') weather.isGone = true
    else if (each.do === 'store comes back') weather.isGone = false
    else if (each.do === 'an answer is lost') weather.losesAnswer = true
    else {
      const actor = processes[each.process]
      if (actor === undefined) throw new Error('there are two')
      if (each.do === 'begin') await begin(actor, each)
      if (each.do === 'end') await end(actor, each)
      if (each.do === 'kill') await restart(each.process)
      if (each.do === 'flush') await actor.buffer.flush()
      if (each.do === 'replay') await actor.replay().catch(expectOutage)
      if (each.do === 'adopt') await actor.adopt().catch(expectOutage)
    }
  }
  for (const each of steps) await take(each)
  for (const each of [0, 1] as const) {
    while ((processes[each]?.underway.length ?? 0) > 0) {
      await take({ do: 'end', process: each, which: 0, sent: SIZE })
    }
  }
  await comeToRest(processes, folder, weather)
  await judge(token, expected)
  for (const each of processes) await each.kill()
}

function expectOutage(error: unknown): void {
  if (!(error instanceof StoreError)) throw error
}

async function comeToRest(processes: readonly Process[], folder: string, weather: Weather): Promise<void> {
  Object.assign(weather, { isGone: false, losesAnswer: false })
  const waits = (): boolean => readdirSync(folder).some((name) => name.endsWith('.journal'))
  for (let round = 0; round < 3; round++) {
    for (const { replay, adopt, buffer } of processes) {
      await replay()
      await adopt()
      await buffer.flush()
    }
  }
  expect(waits()).toBe(false)
}

async function judge(token: string, expected: Expected): Promise<void> {
  const [usage] = await observer.usage.read([{ token, periodStart: null }])
  const clients = [...expected.clients.values()].filter((downloads) => downloads > 0).length
  expect(usage).toMatchObject({ downloads: expected.downloads, bytes: expected.bytes, clients })
}

test('whatever deliveries, outages, kills and replays come in whatever order, what was served counts once', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 50, size: 'max' }), run)
  await expect(fc.assert(property, { numRuns: 150 })).resolves.toBeUndefined()
}, 240_000)
