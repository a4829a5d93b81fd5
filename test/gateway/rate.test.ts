import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Gate, GateToken } from '../support/gate.ts'
import { waitFor } from '../support/processes.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import type { Answer } from '../support/requests.ts'
import { codeOf, REPOSITORY, startPair, tally, type Pair } from './pair.ts'

let storage: Storage
let pair: Pair
beforeAll(async () => {
  storage = await startStorage('raw')
  await writeFile(join(storage.root, 'raw/small.bin.sha256'), 'of small.bin')
  pair = await startPair(`${storage.url}/raw/`)
})
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
})

const create = (perSecond: number, fields = {}): Promise<GateToken> =>
  pair.here.createToken(REPOSITORY, { limit_rate: perSecond, ...fields })

/** Asks both processes on and on, as fast as they answer, for a while; what came, and after how long it ended. */
async function hammer(token: GateToken, forMs: number): Promise<{ answers: Answer[]; seconds: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const answers: Answer[] = []
  const started = performance.now()
  const one = async (gate: Gate): Promise<void> => {
    while (performance.now() - started < forMs)
      answers.push(await pair.ask(gate, token, 'small.bin', { agent }))
  }
  await Promise.all(Array.from({ length: 8 }, (_, i) => one(i % 2 ? pair.there : pair.here)))
  agent.destroy()
  return { answers, seconds: (performance.now() - started) / 1_000 }
}

test.each([5, 12.5, 40])(
  'a rate of %d requests a second is never exceeded by two processes, and is reached',
  async (perSecond) => {
    const token = await create(perSecond)
    const { answers, seconds } = await hammer(token, 2_500)
    const { 200: granted = 0, rate_exceeded: refused = 0 } = tally(answers)
    expect(granted + refused).toBe(answers.length)
    expect(refused).toBeGreaterThan(100)
    expect(granted).toBeLessThanOrEqual(Math.floor(perSecond) + perSecond * seconds)
    expect(granted).toBeGreaterThanOrEqual(Math.floor(perSecond) + perSecond * 2.5 * 0.7)
  },
)

test('who is refused is told when to come back, and is let in then', async () => {
  const token = await create(0.5)
  expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
  const refused = await pair.ask(pair.there, token, 'small.bin')
  const seconds = Number(refused.headers['retry-after'])
  expect([refused.status, codeOf(refused), refused.reason]).toEqual([
    429,
    'rate_exceeded',
    'Too many requests',
  ])
  expect(seconds).toBeGreaterThanOrEqual(1)
  expect(seconds).toBeLessThanOrEqual(2)
  expect(refused.headers['ratelimit']).toBe(`"requests";r=0;t=${seconds}`)
  await waitFor(async () => (await pair.ask(pair.there, token, 'small.bin')).status === 200)
})

test('the time to wait is never told to be longer than 30 seconds', async () => {
  const token = await create(0.001)
  await pair.ask(pair.here, token, 'small.bin')
  for (const gate of [pair.here, pair.there, pair.here]) {
    expect((await pair.ask(gate, token, 'small.bin')).headers['retry-after']).toBe('30')
  }
})

test.each<[string, string, object]>([
  ['HEAD', 'small.bin', { method: 'HEAD' }],
  ['a 304', 'small.bin', { headers: { 'If-Modified-Since': new Date(Date.now() + 5_000).toUTCString() } }],
  ['a checksum', 'small.bin.sha256', {}],
  ['a file that is not there', 'missing.bin', {}],
  ['a range', 'small.bin', { headers: { Range: 'bytes=0-0' } }],
  ['a range that is none', 'small.bin', { headers: { Range: 'bytes=5000-' } }],
])('%s is a request', async (_, path, options) => {
  const token = await create(0.01)
  const answers = [
    await pair.ask(pair.here, token, path, options),
    await pair.ask(pair.there, token, path, options),
  ]
  expect(answers.map((answer) => codeOf(answer) === 'rate_exceeded')).toEqual([false, true])
})

test('what is refused for another reason uses nothing up', async () => {
  const token = await create(0.01, { limit_packages: ['small.bin'] })
  for (let i = 0; i < 5; i++) {
    expect(codeOf(await pair.ask(pair.here, token, 'large.bin'))).toBe('package_not_covered')
  }
  expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
})

test('once it is refused, a flood reaches neither the storage nor the store', async () => {
  const token = await create(0.05)
  expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
  expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(429)
  const asked = async (): Promise<number> => (await storage.nginx.requests()).length
  const reserved = async (): Promise<number> => {
    const headers = { 'X-Api-Key': pair.here.adminKey }
    const text = await (await fetch(`${pair.here.adminUrl}/metrics`, { headers })).text()
    return Number(/_count\{[^}]*operation="usage\.reserve"[^}]*\} (\d+)/.exec(text)?.[1])
  }
  await waitFor(async () => (await asked()) >= 2)
  const before = [await asked(), await reserved()]
  expect(before[1]).toBeGreaterThanOrEqual(2)
  const answers = await Promise.all(
    Array.from({ length: 300 }, () => pair.ask(pair.here, token, 'small.bin')),
  )
  expect(tally(answers)).toEqual({ rate_exceeded: 300 })
  expect([await asked(), await reserved()]).toEqual(before)
})

test('a rate that is raised lets go on at once, in this process', async () => {
  const token = await create(0.001)
  await pair.ask(pair.here, token, 'small.bin')
  expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(429)
  await pair.patch(token, { limit_rate: null })
  expect((await pair.ask(pair.here, token, 'small.bin')).status).toBe(200)
})

test('one token that asks too often does not slow another down', async () => {
  const [fast, slow] = [await create(1_000), await create(0.001)]
  await pair.ask(pair.here, slow, 'small.bin')
  expect((await pair.ask(pair.here, slow, 'small.bin')).status).toBe(429)
  expect((await pair.ask(pair.here, fast, 'small.bin')).status).toBe(200)
})
