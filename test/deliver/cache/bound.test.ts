import * as fc from 'fast-check'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { DeliveryOrder, Opened } from '../../../src/deliver/contract.ts'
import { refuse, type Refusal } from '../../../src/policy/refusal.ts'
import { deliver, leavingClient, orderFor } from '../orders.ts'
import { createRig, found, TTL_MS, unchanged } from './rig.ts'

/** What the storage says of how long its answers may be kept, and how long that is. */
const POLICIES: readonly (readonly [header: string | undefined, boundMs: number])[] = [
  [undefined, TTL_MS],
  ['no-cache', 0],
  ['max-age=1', 1_000],
  ['max-age=7', 7_000],
  ['max-age=7, immutable', 7_000],
]

type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'publish'; readonly isLarge: boolean }
  | { readonly do: 'ask'; readonly demands: boolean; readonly has: number }
  | { readonly do: 'answer'; readonly which: number; readonly how: 'well' | 'badly' }
  | { readonly do: 'leave'; readonly which: number }
  | { readonly do: 'purge' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('publish' as const), isLarge: fc.boolean() }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('ask' as const), demands: fc.boolean(), has: fc.nat(8) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(5),
      how: fc.constantFrom('well' as const, 'well' as const, 'well' as const, 'badly' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const) }) },
)

/** A storage with one file, whose versions are numbers; it answers when it is told to. */
function createStorage(header: string | undefined) {
  const published: { readonly at: number; readonly isLarge: boolean }[] = [{ at: 0, isLarge: false }]
  const pending: ((how: 'well' | 'badly') => void)[] = []
  const headers = header === undefined ? {} : { 'cache-control': header }

  const say = ({ headers: asked }: DeliveryOrder): Opened => {
    const version = published.length - 1
    const etag = `"${version}"`
    if (asked['if-none-match'] === etag) return unchanged({ ...headers, etag })
    const padding = published[version]?.isLarge === true ? ' '.repeat(2_000) : ''
    return found(`${version}${padding}`, { ...headers, etag })
  }
  return {
    published,
    pending,
    /** The answer is made when the storage is asked, and arrives later: the oldest that may happen. */
    open: (order: DeliveryOrder): Promise<Opened | Refusal> => {
      const { promise, resolve } = Promise.withResolvers<Opened | Refusal>()
      const made = say(order)
      pending.push((how) => resolve(how === 'well' ? made : refuse('upstream_failed')))
      order.onGone(() => resolve(refuse('upstream_failed')))
      return promise
    },
    /** When `version` ceased to be the current one. */
    endOf: (version: number): number => published[version + 1]?.at ?? Infinity,
  }
}

interface Asked {
  readonly at: number
  readonly demands: boolean
  readonly purgedAt: number
  readonly has: number
  readonly version: number
}

async function play(
  steps: readonly Step[],
  header: string | undefined,
): Promise<{ asked: Asked[]; endOf: (version: number) => number }> {
  const storage = createStorage(header)
  const rig = createRig(storage.open)
  const asked: Asked[] = []
  const underWay: Promise<void>[] = []
  const clients: (() => void)[] = []
  let [now, purgedAt] = [0, -Infinity]

  const ask = async (demands: boolean, has: number): Promise<void> => {
    const { onGone, leave } = leavingClient()
    clients.push(leave)
    const request = { at: now, demands, purgedAt, has }
    const headers: Record<string, string> = {
      'if-none-match': `"${has}"`,
      ...(demands ? { 'cache-control': 'max-age=0' } : {}),
    }
    const answer = await deliver(rig.deliverer, orderFor('a', { headers, onGone })).catch(() => undefined)
    if (answer === undefined) return
    const version = answer.status === 304 ? has : Number.parseInt(answer.content.toString(), 10)
    asked.push({ ...request, version })
  }
  for (const one of steps) {
    if (one.do === 'wait') rig.advance(((now += one.ms), one.ms))
    if (one.do === 'publish') storage.published.push({ at: now, isLarge: one.isLarge })
    if (one.do === 'ask') underWay.push(ask(one.demands, one.has))
    if (one.do === 'answer') storage.pending.splice(one.which, 1)[0]?.(one.how)
    if (one.do === 'leave') clients[one.which]?.()
    if (one.do === 'purge') rig.store.purge({ repository: undefined, path: undefined })
    if (one.do === 'purge') purgedAt = now
    await turn()
  }
  while (storage.pending.length > 0) {
    for (const answer of storage.pending.splice(0)) answer('well')
    await turn()
  }
  await Promise.all(underWay)
  return { asked, endOf: storage.endOf }
}

test('whatever happens when, an answer is a version that was current no longer ago than it may be old', async () => {
  let answers = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.constantFrom(...POLICIES),
      async (steps, [header, boundMs]) => {
        const { asked, endOf } = await play(steps, header)
        answers += asked.length
        for (const { at, demands, purgedAt, version } of asked) {
          const isBound = demands && header?.includes('immutable') !== true
          const oldestMs = isBound ? Math.min(boundMs, TTL_MS) : boundMs
          expect(endOf(version)).toBeGreaterThanOrEqual(Math.max(at - oldestMs, purgedAt))
        }
      },
    ),
    { numRuns: 400 },
  )
  expect(answers).toBeGreaterThan(1_000)
})
