import * as fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { admit, conclude, isSpent, type Ledger } from '../../../src/policy/ledger.ts'
import { readLua } from '../../../src/store/redis/scripts.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'

/** Does one step to the ledger under KEYS[1] with ledger.lua, and tells everything about it. */
const HARNESS = `
local step = cjson.decode(ARGV[1])
local packed = call('GET', KEYS[1])
local ledger = packed and decodeLedger(unpackValues(packed)) or newLedger()
local result
if step.id == nil then
  result = 0
elseif step.sent == nil then
  local dead = {}
  for _, id in ipairs(step.dead) do dead[id] = true end
  local entry = { step.id, step.start, step['end'], kindOf(step.size, step.start, step['end']), 0 }
  result = admit(ledger, entry, step.size, step.now, function(id) return not dead[id] end)
else
  result = conclude(ledger, step.id, step.sent)
end
ledger.epoch = 0
call('SET', KEYS[1], encodeLedger(ledger))
local spent = #ledger.underway == 0 and neededUntil(ledger) <= step.now
return { result, spent and 1 or 0, cjson.encode(ledger) }
`
const SCRIPT = [readLua('usage'), readLua('ledger'), HARNESS].join('\n')
const MINUTE_MS = 60_000
const SIZES = [null, 0, 1, 8, 17, 40, 1_000_000]

let server: RedisServer
let client: Redis
beforeAll(async () => {
  server = await startRedis()
  client = new Redis(server.port, '127.0.0.1')
})
afterAll(async () => {
  client.disconnect()
  await server[Symbol.asyncDispose]()
})

const share = fc.oneof(
  fc.constantFrom(0, 1),
  fc.constantFrom(0.5, 0.9),
  fc.double({ min: 0, max: 1, noNaN: true }),
)
const steps = fc.nat(SIZES.length - 1).chain((usual) => {
  // Of one size mostly, and rarely an hour apart: what is over teaches nothing about what goes on.
  const step = fc.oneof(
    {
      arbitrary: fc.record({
        do: fc.constant('admit' as const),
        size: fc.oneof(
          { arbitrary: fc.constant(usual), weight: 40 },
          { arbitrary: fc.nat(SIZES.length - 1), weight: 1 },
        ),
        from: fc.oneof(fc.constant(0), share),
        to: share,
        dies: fc.nat(60),
      }),
      weight: 10,
    },
    {
      arbitrary: fc.record({
        do: fc.constant('conclude' as const),
        which: fc.nat(30),
        // Nobody may send more than was asked for; who does must not break anything.
        share: fc.oneof({ arbitrary: share, weight: 9 }, { arbitrary: fc.constant(1.5), weight: 1 }),
      }),
      weight: 8,
    },
    {
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        minutes: fc.oneof({ arbitrary: fc.nat(3), weight: 6 }, fc.nat(50), fc.nat(1_500)),
      }),
      weight: 1,
    },
  )
  return fc.array(step, { maxLength: 120, size: 'max' })
})

test('ledger.lua does what policy/ledger.ts does, whatever is delivered', async () => {
  let runs = 0
  const property = fc.asyncProperty(steps, (all) => replay(all, `ledger-${++runs}`))
  await expect(fc.assert(property, { numRuns: 300 })).resolves.toBeUndefined()
}, 120_000)

type Step = typeof steps extends fc.Arbitrary<(infer Value)[]> ? Value : never

/** What both know of a ledger, and when. */
interface Both {
  readonly key: string
  ledger: Ledger | undefined
  now: number
  admitted: number
}

async function replay(all: readonly Step[], key: string): Promise<void> {
  const both: Both = { key, ledger: undefined, now: 1_700_000_000_000, admitted: 0 }
  for (const each of all) {
    if (each.do === 'wait') both.now += each.minutes * MINUTE_MS
    if (each.do === 'admit') await admitBoth(both, each)
    if (each.do === 'conclude') await concludeBoth(both, each)
  }
}

async function run(key: string, values: object): Promise<readonly unknown[]> {
  return (await client.eval(SCRIPT, 1, key, JSON.stringify(values))) as unknown[]
}

async function admitBoth(both: Both, choice: Extract<Step, { do: 'admit' }>): Promise<void> {
  const { key, ledger, now } = both
  const size = SIZES[choice.size] ?? null
  const edges = [choice.from, choice.to].map((part) => Math.floor(part * (size ?? 9)))
  const [start = 0, end = 0] = edges.toSorted((a, b) => a - b)
  const underway = ledger?.underway.map(({ id }) => id) ?? []
  const dead = underway.filter((id) => Number(id) % 60 === choice.dies)
  const id = String(++both.admitted)
  const expected = admit(ledger, { id, size, start, end, now }, (other) => !dead.includes(other))
  const [cost, , state] = await run(key, { id, size: size ?? -1, start, end, now, dead })
  expect(cost).toBe(expected.cost)
  expect(stateOf(state)).toEqual(plain(expected.ledger))
  both.ledger = expected.ledger
}

async function concludeBoth(both: Both, choice: Extract<Step, { do: 'conclude' }>): Promise<void> {
  const { key, ledger, now, admitted } = both
  if (ledger === undefined) return
  const ids = ledger.underway.map((each) => each.id)
  const isAny = choice.which % 5 === 0
  const id =
    (isAny ? undefined : ids[choice.which % ids.length]) ?? String(1 + (choice.which % (admitted + 1)))
  const entry = ledger.underway.find((other) => other.id === id)
  const sent = Math.floor(((entry?.end ?? 9) - (entry?.start ?? 0)) * choice.share)
  const expected = conclude(ledger, id, sent)
  const [refund, spent, state] = await run(key, { id, sent, now })
  expect(refund).toBe(expected.refund)
  expect(spent).toBe(Number(isSpent(expected.ledger, now)))
  expect(stateOf(state)).toEqual(plain(expected.ledger))
  both.ledger = expected.ledger
}

test('ranges, near and far apart, more than are told apart, are kept as policy/intervals.ts keeps them', async () => {
  const range = fc.tuple(fc.integer({ min: 300, max: 1_990 }), fc.nat(4))
  let [runs, most] = [0, 0]
  const property = fc.asyncProperty(
    fc.array(range, { minLength: 100, maxLength: 220, size: 'max' }),
    async (ranges) => {
      const key = `ranges-${++runs}`
      let ledger: Ledger | undefined
      const now = 1_700_000_000_000
      const size = 2_000
      // Too long for a probe: all others belong to the download that it opens.
      for (const [index, [start, length]] of [[0, 260] as const, ...ranges].entries()) {
        const id = String(index)
        ledger = admit(ledger, { id, size, start, end: start + length, now }, () => true).ledger
        ledger = conclude(ledger, id, length).ledger
        const shared = { id, size, start, end: start + length, now, dead: [] }
        await run(key, shared)
        await run(key, { id, sent: length, now })
      }
      most = Math.max(most, ledger?.covered.length ?? 0)
      const [, , state] = await run(key, { now })
      expect(stateOf(state)).toEqual(ledger && plain(ledger))
    },
  )
  await expect(fc.assert(property, { numRuns: 40 })).resolves.toBeUndefined()
  expect(most).toBe(64)
}, 120_000)

/** What ledger.lua keeps, in the words of policy/ledger.ts. Empty lists of Lua come out as empty objects. */
function stateOf(text: unknown): object {
  const { openedAt, size, charges, sent, probeDay, probeBytes, covered, underway } = JSON.parse(String(text))
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
  return {
    openedAt,
    size,
    charges,
    sent,
    probeDay,
    probeBytes,
    covered: list(covered),
    underway: list(underway),
  }
}

const KINDS = { whole: 'w', part: 'p', probe: 'b', late: 'l' }

function plain({ size, underway, ...rest }: Ledger): object {
  return {
    ...rest,
    size: size ?? -1,
    underway: underway.map(({ id, start, end, kind }) => [id, start, end, KINDS[kind], 0]),
  }
}
