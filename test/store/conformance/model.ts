import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DeliveryRequest, Reservation, Store } from '../../../src/store/contract.ts'
import { createBooks, type Books } from './books.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, newName, NOW, useTwoStores, type OpenStore } from './fixtures.ts'

/** One step; numbers choose among few things, so that steps meet. */
type Step =
  | {
      readonly do: 'reserve'
      readonly token: number
      readonly client: number
      readonly file: number
      readonly from: number
      readonly to: number
      readonly isFree: boolean
      /** `lost`: and nothing of it will be sent. */
      readonly ready: 'no' | 'sent' | 'lost'
    }
  | { readonly do: 'settle'; readonly which: number; readonly share: number }
  | { readonly do: 'settle again'; readonly which: number; readonly share: number }
  | { readonly do: 'record'; readonly token: number; readonly client: number; readonly agoMs: number }
  | { readonly do: 'reset'; readonly token: number }
  | { readonly do: 'wait'; readonly ms: number }

type Limits = Omit<
  DeliveryRequest,
  'token' | 'client' | 'artifact' | 'size' | 'start' | 'end' | 'now' | 'kind' | 'dryRun' | 'periodStart'
> & {
  /** Its counting periods are as long. */
  readonly periodMs?: number
}

/** null: a file of unknown size. */
const FILES = [8, 17, 40, null]
const TOKENS: readonly Limits[] = [
  { limitDownloads: 3, limitClients: null },
  { limitDownloads: null, limitClients: 1 },
  { limitDownloads: 6, limitClients: 2, limitConcurrency: 2 },
  { limitDownloads: null, limitClients: null, limitBytes: 60 },
  { limitDownloads: null, limitClients: 1, clientsWindowMs: 20 * MINUTE_MS },
  { limitDownloads: 5, limitClients: 2, limitBytes: 100, clientsWindowMs: 2 * HOUR_MS, periodMs: DAY_MS },
  { limitDownloads: null, limitClients: null, limitConcurrency: 3, limitRate: 3, periodMs: HOUR_MS },
  {
    limitDownloads: 4,
    limitClients: 2,
    limitBytes: 80,
    limitConcurrency: 2,
    limitRate: 0.01,
    clientsWindowMs: HOUR_MS,
  },
]

const token = fc.nat(TOKENS.length - 1)
const share = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }))
const reserving = fc.record({
  do: fc.constant('reserve' as const),
  token,
  client: fc.nat(2),
  file: fc.nat(FILES.length - 1),
  from: share,
  to: share,
  isFree: fc.boolean(),
  ready: fc.constantFrom('no' as const, 'sent' as const, 'lost' as const),
})
const settling = fc.record({ do: fc.constant('settle' as const), which: fc.nat(20), share })
const resettling = fc.record({ do: fc.constant('settle again' as const), which: fc.nat(20), share })
const recording = fc.record({
  do: fc.constant('record' as const),
  token,
  client: fc.nat(2),
  agoMs: fc.oneof(fc.constant(0), fc.nat(2 * HOUR_MS)),
})
const resetting = fc.record({ do: fc.constant('reset' as const), token })
const waiting = fc.record({
  do: fc.constant('wait' as const),
  ms: fc.oneof(fc.nat(1_500), fc.nat(45 * MINUTE_MS), fc.nat(25 * HOUR_MS)),
})
/** Steps of one or two tokens only meet more often. */
const steps: fc.Arbitrary<readonly Step[]> = fc
  .tuple(token, token, fc.nat(2))
  .chain(([first, second, mixed]) => {
    const near = (each: Step): Step =>
      'token' in each && mixed > 0 ? { ...each, token: each.token % 2 ? first : second } : each
    const step: fc.Arbitrary<Step> = fc.oneof(
      { arbitrary: reserving, weight: 12 },
      { arbitrary: settling, weight: 8 },
      { arbitrary: resettling, weight: 1 },
      { arbitrary: recording, weight: 1 },
      { arbitrary: resetting, weight: 1 },
      { arbitrary: waiting, weight: 4 },
    )
    return fc.array(step.map(near), { maxLength: 60, size: 'max' })
  })

export function describeModel(open: OpenStore): void {
  const stores = useTwoStores(open)

  test('any deliveries are answered and counted as the rules say, and no limit is exceeded', async () => {
    const { one, other } = stores()
    const property = fc.asyncProperty(steps, async (all) => {
      await replay(all, [one, other])
    })
    await expect(fc.assert(property, { numRuns: 300 })).resolves.toBeUndefined()
  }, 240_000)
}

/** One run of steps, done with the stores in turn and with the books. */
interface Run {
  readonly name: string
  readonly books: Books
  readonly open: Reservation[]
  readonly settled: Reservation[]
  now: number
}

/** Compares after each step. */
async function replay(all: readonly Step[], stores: readonly [Store, Store]): Promise<void> {
  const run: Run = { name: newName(), books: createBooks(), open: [], settled: [], now: NOW }
  for (const [index, step] of all.entries()) {
    const store = stores[index % 2 ? 0 : 1]
    await take(store, run, step)
    await compare(store, run)
  }
}

async function take(store: Store, run: Run, step: Step): Promise<void> {
  if (step.do === 'wait') run.now += step.ms
  if (step.do === 'reserve') await reserve(store, run, step)
  if (step.do === 'settle') await settle(store, run, step)
  if (step.do === 'record') await record(store, run, step)
  if (step.do === 'reset') {
    await store.usage.reset(tokenName(run, step.token), run.now)
    run.books.reset(tokenName(run, step.token), run.now)
  }
  if (step.do === 'settle again') {
    const reservation = run.settled[step.which % Math.max(1, run.settled.length)]
    if (reservation !== undefined) await store.usage.settle(reservation, step.which, run.now)
  }
}

function tokenName({ name }: Run, index: number): string {
  return `${name}-${index}`
}

function periodStartOf(index: number, now: number): number | null {
  const periodMs = TOKENS[index]?.periodMs
  return periodMs === undefined ? null : now - (now % periodMs)
}

async function reserve(store: Store, run: Run, step: Extract<Step, { do: 'reserve' }>): Promise<void> {
  const { periodMs: _, ...limits } = TOKENS[step.token] ?? { limitDownloads: null, limitClients: null }
  const request: DeliveryRequest = {
    token: tokenName(run, step.token),
    client: `client-${step.client}`,
    artifact: `file-${step.file}`,
    ...spanOf(step),
    now: run.now,
    kind: step.isFree && step.file % 2 === 0 ? 'free' : 'download',
    ...limits,
    periodStart: periodStartOf(step.token, run.now),
    isReady: step.ready !== 'no' && FILES[step.file] !== null,
  }
  const dry = await store.usage.reserve({ ...request, dryRun: true })
  const answer = await store.usage.reserve(request)
  const expected = run.books.reserve(answer.granted ? answer.id : 'refused', request)
  if (answer.granted && answer.isSettled) return endAtOnce(store, run, { step, answer, expected })
  expect(answer).toMatchObject(expected)
  expect(dry).toMatchObject(expected)
  if (answer.granted) run.open.push(answer)
}

/** What is settled as it is charged answers with its bytes already counted. */
async function endAtOnce(
  store: Store,
  run: Run,
  given: {
    readonly step: Extract<Step, { do: 'reserve' }>
    readonly answer: Reservation
    readonly expected: object
  },
): Promise<void> {
  const { step, answer, expected } = given
  const { bytes: _, reservedBytes: __, ...rest } = answer
  expect(expected).toMatchObject(omit(rest))
  const sent = step.ready === 'lost' ? 0 : run.books.lengthOf(answer.id)
  if (sent === 0) await store.usage.settle(answer, 0, run.now)
  run.books.settle(answer.id, sent, run.now)
}

function omit({ charged, epoch, downloads, clients }: Omit<Reservation, 'bytes' | 'reservedBytes'>): object {
  return { charged, epoch, downloads, clients }
}

function spanOf({ file, from, to }: Extract<Step, { do: 'reserve' }>) {
  const size = FILES[file] ?? null
  if (size === null) return { size, start: 0, end: 0 }
  const [start = 0, end = size] = [Math.floor(from * size), Math.floor(to * size)].toSorted((a, b) => a - b)
  return start === end ? { size, start: 0, end: size } : { size, start, end }
}

async function settle(store: Store, run: Run, step: Extract<Step, { do: 'settle' }>): Promise<void> {
  const [reservation] = run.open.splice(step.which % Math.max(1, run.open.length), 1)
  if (reservation === undefined) return
  const sent = Math.floor(run.books.lengthOf(reservation.id) * step.share)
  await store.usage.settle(reservation, sent, run.now)
  run.books.settle(reservation.id, sent, run.now)
  run.settled.push(reservation)
}

/** Traffic that guards no limit, of tokens that have one only on what it does not touch. */
async function record(store: Store, run: Run, step: Extract<Step, { do: 'record' }>): Promise<void> {
  const limits = TOKENS[step.token]
  if (limits === undefined || limits.limitClients !== null || limits.limitDownloads !== null) return
  const lastUsedAt = run.now - step.agoMs
  const delta = {
    token: tokenName(run, step.token),
    downloads: 2,
    bytes: 0,
    clients: new Map([[`client-${step.client}`, 2]]),
    lastUsedAt,
    periodStart: periodStartOf(step.token, lastUsedAt),
  }
  await store.usage.record([delta])
  run.books.record(delta)
}

async function compare(store: Store, run: Run): Promise<void> {
  const queries = TOKENS.map((_, index) => ({
    token: tokenName(run, index),
    periodStart: periodStartOf(index, run.now),
  }))
  const usage = await store.usage.read(queries)
  expect(usage).toEqual(queries.map((query) => run.books.read(query.token, query.periodStart)))
  for (const [index, { limitDownloads, limitClients, limitBytes }] of TOKENS.entries()) {
    expect(usage[index]?.downloads).toBeLessThanOrEqual(limitDownloads ?? Infinity)
    expect(usage[index]?.clients).toBeLessThanOrEqual(limitClients ?? Infinity)
    expect(usage[index]?.bytes).toBeLessThanOrEqual(limitBytes ?? Infinity)
  }
}
