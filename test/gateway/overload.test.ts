import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGate, type Gate } from '../support/gate.ts'
import { startStorage, type Storage } from '../support/repositories.ts'
import { get, openRaw, type RawConnection } from '../support/requests.ts'
import { waitForAll, workersOf } from './crew.ts'

const REPOSITORY = 'acme/files'
const TOKENS = `/entitlements/${REPOSITORY}/`
/** Calls of the management API that are under way all the time. */
const CALLERS = 300
const SLOW_BODIES = 200
const DOWNLOADS = 150
/** With bounds of the work it is 8 ms, and 130 without them. */
const MOST_MEDIAN_MS = 80
const MOST_MS = 3_000

let storage: Storage

beforeAll(async () => {
  storage = await startStorage('raw')
})
afterAll(async () => {
  await storage?.[Symbol.asyncDispose]()
})

async function start(workers: number): Promise<Gate> {
  const repositories = { [REPOSITORY]: { format: 'raw' as const, upstream: `${storage.url}/raw/` } }
  const gate = await startGate({ config: { workers, repositories } })
  if (workers > 1) await waitForAll(gate)
  for (let made = 0; made < 500; made += 25) {
    await Promise.all(Array.from({ length: 25 }, () => gate.createToken(REPOSITORY)))
  }
  return gate
}

/** Heavy calls of every kind, each again as soon as it was answered, until it is disposed of. */
function overload({ adminUrl, adminKey }: Gate) {
  const stopping = new AbortController()
  const headers = { 'X-Api-Key': adminKey, 'Content-Type': 'application/json' }
  const large = JSON.stringify({ name: 'large', metadata: { text: 'x'.repeat(90_000) } })
  const statuses = new Map<number, number>()
  const call = async (at: number): Promise<void> => {
    const heavy = [
      () =>
        fetch(`${adminUrl}${TOKENS}?page_size=500&show_tokens=true`, { headers, signal: stopping.signal }),
      () =>
        fetch(`${adminUrl}${TOKENS}?query=e+OR+NOT+x&sort=-last_used`, { headers, signal: stopping.signal }),
      () => fetch(adminUrl + TOKENS, { method: 'POST', headers, body: large, signal: stopping.signal }),
      () =>
        fetch(adminUrl + TOKENS, {
          method: 'POST',
          headers,
          body: '{"name":"made"}',
          signal: stopping.signal,
        }),
    ][at % 4]
    const response = await heavy?.()
    await response?.arrayBuffer()
    const status = response?.status ?? 0
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const again = async (at: number): Promise<void> => {
    while (!stopping.signal.aborted) await call(at).catch(() => undefined)
  }
  const running = Promise.all(Array.from({ length: CALLERS }, (_, at) => again(at)))
  return {
    statuses,
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await running
    },
  }
}

/** Bodies of which a byte comes, and then no more. */
async function sendSlowBodies({ adminUrl, adminKey }: Gate): Promise<Disposable> {
  const { port } = new URL(adminUrl)
  const open: RawConnection[] = []
  for (let sent = 0; sent < SLOW_BODIES; sent++) {
    const raw = await openRaw(Number(port))
    raw.socket.write(
      `POST ${TOKENS} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${adminKey}\r\nContent-Length: 1000\r\n\r\n{`,
    )
    open.push(raw)
  }
  return {
    [Symbol.dispose]: () => {
      for (const raw of open) raw[Symbol.dispose]()
    },
  }
}

/**
 * Ms that the event loops which deliver have had of a processor: what else they did before a download is what it waits for, and on a machine
 * that runs other tests the clock tells something else.
 */
function workedMs(gate: Gate): number {
  if (process.platform !== 'linux') return performance.now()
  const workers = workersOf(gate)
  const deliverers = workers.length > 0 ? workers : [gate.pid]
  const nanoseconds = deliverers.map((pid) =>
    Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6
}

/** Downloads one after the other; how much was worked during each of them, sorted. */
async function download(gate: Gate, secret: string): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true })
  const times: number[] = []
  for (let done = 0; done < DOWNLOADS; done++) {
    const before = workedMs(gate)
    const { status } = await get(`${gate.url}/${secret}/${REPOSITORY}/small.bin`, { agent })
    expect(status).toBe(200)
    times.push(workedMs(gate) - before)
  }
  agent.destroy()
  return times.toSorted((a, b) => a - b)
}

function expectGood(times: readonly number[]): void {
  expect(times[Math.floor(times.length / 2)]).toBeLessThan(MOST_MEDIAN_MS)
  expect(times.at(-1)).toBeLessThan(MOST_MS)
}

describe.each([1, 2])('with workers: %i, while the management API is overloaded', (workers) => {
  test(
    'downloads go on, exactly counted, and what there is no room for is told so',
    { timeout: 180_000 },
    async () => {
      await using gate = await start(workers)
      const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 10_000 })
      using _slow = await sendSlowBodies(gate)
      await using load = overload(gate)
      await expect.poll(() => load.statuses.get(503) ?? 0, { timeout: 60_000 }).toBeGreaterThan(0)
      expectGood(await download(gate, token.token))
      // Whoever may only look whether it lives hears at once, and calls are answered all the time.
      expect((await fetch(`${gate.adminUrl}/readyz`)).status).toBe(200)
      await expect.poll(() => load.statuses.get(200)).toBeGreaterThan(0)
      await load[Symbol.asyncDispose]()
      await expect
        .poll(async () => (await gate.readToken(REPOSITORY, token.slug_perm)).downloads)
        .toBe(DOWNLOADS)
    },
  )
})

describe.runIf(process.platform === 'linux')('while the process with the management API', () => {
  test('stands still, downloads go on', { timeout: 120_000 }, async () => {
    await using gate = await start(2)
    const token = await gate.createToken(REPOSITORY, { limit_num_downloads: 10_000 })
    process.kill(gate.pid, 'SIGSTOP')
    try {
      expectGood(await download(gate, token.token))
    } finally {
      process.kill(gate.pid, 'SIGCONT')
    }
    await expect
      .poll(async () => (await gate.readToken(REPOSITORY, token.slug_perm)).downloads)
      .toBe(DOWNLOADS)
  })
})
