import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { waitFor } from '../../support/processes.ts'
import { startRedis, type RedisServer } from '../../support/redis.ts'
import { startStopwatch } from '../../support/stopwatch.ts'
import { readFigures, waitForAll, workersOf } from '../crew.ts'
import type { GateToken } from '../../support/gate.ts'
import { fetchMany, fetchOnce, REFUSING, SERVING, startOutage, type Outage } from './rig.ts'

const SOON = { timeout: 30_000 }
const LIMITED = { limit_num_downloads: 1_000_000, repositories: ['acme/*'] }
const UNLIMITED = { repositories: ['acme/*'] }

let redis: RedisServer
let outage: Outage
let limited: GateToken
let unlimited: GateToken

beforeEach(async () => {
  redis = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } })
  outage = await startOutage({
    store: `redis://127.0.0.1:${redis.port}`,
    secret_key: 'a key that all of the hosts have been given',
    workers: 2,
  })
  await waitForAll(outage.gate)
  limited = await outage.gate.createToken(SERVING, LIMITED)
  unlimited = await outage.gate.createToken(SERVING, UNLIMITED)
  // Both workers know both.
  for (const token of [limited, unlimited]) await fetchMany(outage.gate, token, 60)
  await waitFor(async () => (await downloadsOf(unlimited)) === 60 && (await downloadsOf(limited)) === 60)
  await waitFor(() => outage.files().length === 0)
})
afterEach(async () => {
  await outage?.[Symbol.asyncDispose]()
  await redis?.[Symbol.asyncDispose]()
})

const downloadsOf = async ({ slug_perm }: GateToken): Promise<unknown> =>
  (await outage.gate.readToken(SERVING, slug_perm).catch(() => undefined))?.downloads

const figure = async (name: string): Promise<number | undefined> => (await readFigures(outage.gate)).get(name)

async function readiness(): Promise<string> {
  const answer = await fetch(`${outage.gate.adminUrl}/readyz`)
  return `${answer.status} ${await answer.text()}`
}

const linesWith = (text: string): string[] =>
  outage.gate
    .output()
    .split('\n')
    .filter((line) => line.includes(text))

describe.runIf(process.platform === 'linux')('Redis that is gone', () => {
  test('is stood in for, where the configuration says so; everything is counted when it is back', async () => {
    const { gate } = outage
    await redis.stop('SIGKILL')
    const [served, free, refused] = await Promise.all([
      fetchMany(gate, limited, 400),
      fetchMany(gate, unlimited, 200),
      fetchMany(gate, limited, 60, REFUSING),
    ])
    expect([...served, ...free]).toEqual([
      [200, 400],
      [200, 200],
    ])
    expect([...refused]).toEqual([[503, 60]])
    expect(await readiness()).toMatch(/^200 ready, without the store/)
    await expect.poll(() => figure('postern_store_up'), SOON).toBe(0)
    expect(await figure(`postern_deliveries_without_store_total{repository="${SERVING}"}`)).toBe(400)
    await expect.poll(() => figure('postern_journal_entries'), SOON).toBeGreaterThan(400)
    expect(await figure('postern_journal_oldest_seconds')).toBeGreaterThan(0)
    expect(outage.files().length).toBeGreaterThan(1)

    await redis.restart()
    await expect.poll(() => downloadsOf(limited), SOON).toBe(460)
    await expect.poll(() => downloadsOf(unlimited), SOON).toBe(260)
    await expect.poll(outage.files, SOON).toEqual([])
    await expect.poll(() => figure('postern_store_up'), SOON).toBe(1)
    expect(await readiness()).toBe('200 ready\n')
    expect(await figure('postern_journal_bytes')).toBe(0)
    expect(await figure('postern_journal_replayed_entries_total')).toBeGreaterThan(400)
    expect([...(await fetchMany(gate, limited, 20, REFUSING))]).toEqual([[200, 20]])
    // Primary and workers, once each.
    expect(linesWith('"The store does not answer"').length).toBeLessThanOrEqual(3)
    expect(linesWith('"The store answers again"').length).toBeLessThanOrEqual(3)
    expect(await outage.gate.readToken(SERVING, limited.slug_perm)).toMatchObject({
      downloads: 480,
      clients: 1,
    })
  }, 60_000)

  test('and a worker that is killed meanwhile lose nothing that was served', async () => {
    const { gate } = outage
    await redis.stop('SIGKILL')
    let whole = 0
    let broken = 0
    const over = new AbortController()
    const load = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const status = await fetchOnce(gate, limited)
        if (status === 200) whole++
        else broken++
      }
    }
    const loads = Promise.all(Array.from({ length: 8 }, load))
    await waitFor(() => whole > 150)
    const [victim = -1] = workersOf(gate)
    process.kill(victim, 'SIGKILL')
    const before = whole
    await waitFor(() => whole > before + 150)
    over.abort()
    await loads
    await redis.restart()
    await expect.poll(outage.files, SOON).toEqual([])
    const downloads = Number(await downloadsOf(limited))
    expect(downloads).toBeGreaterThanOrEqual(60 + whole)
    expect(downloads).toBeLessThanOrEqual(60 + whole + broken)
    expect(broken).toBeLessThanOrEqual(20)
  }, 60_000)

  test('is stood in for until the whole gate is killed, and counted by the next one', async () => {
    const { gate } = outage
    await redis.stop('SIGKILL')
    expect([...(await fetchMany(gate, limited, 100))]).toEqual([[200, 100]])
    const workers = workersOf(gate)
    process.kill(gate.pid, 'SIGKILL')
    for (const pid of workers) process.kill(pid, 'SIGKILL')
    await redis.restart()
    await using next = await outage.restart()
    await expect.poll(outage.files, SOON).toEqual([])
    expect(await next.readToken(SERVING, limited.slug_perm)).toMatchObject({ downloads: 160 })
  }, 60_000)
})

describe.runIf(process.platform === 'linux')('tokens', () => {
  test('are recalled when they are older than what a process believes without asking, and asked for again at once', async () => {
    const { gate } = outage
    const [changed, asked] = [
      await gate.createToken(SERVING, LIMITED),
      await gate.createToken(SERVING, LIMITED),
    ]
    for (const token of [changed, asked]) {
      await fetchMany(gate, token, 60)
      await gate.admin('POST', `/entitlements/${SERVING}/${token.slug_perm}/disable/`)
    }
    await expect.poll(() => fetchMany(gate, asked, 60), SOON).toEqual(new Map([[403, 60]]))
    await redis.stop('SIGKILL')
    const recalled = (): Promise<number | undefined> =>
      figure('postern_token_cache_lookups_total{result="recalled"}')
    const served: number[] = []
    const isRecalled = async (): Promise<boolean> => {
      served.push(await fetchOnce(gate, limited))
      return ((await recalled()) ?? 0) > 20
    }
    await waitFor(isRecalled, { timeoutMs: 30_000, what: 'tokens to be recalled' })
    expect(new Set(served)).toEqual(new Set([200]))
    // The store had told of both changes; what one of them was nobody has asked.
    expect(await fetchMany(gate, asked, 20)).toEqual(new Map([[403, 20]]))
    expect(await fetchMany(gate, changed, 20)).toEqual(new Map([[503, 20]]))
    expect(await fetchMany(gate, limited, 20, REFUSING)).toEqual(new Map([[503, 20]]))

    await redis.restart()
    await expect.poll(() => fetchMany(gate, limited, 20, REFUSING), SOON).toEqual(new Map([[200, 20]]))
    const disable = `/entitlements/${SERVING}/${limited.slug_perm}/disable/`
    await waitFor(async () => (await gate.admin('POST', disable)).status === 204)
    await expect.poll(() => fetchMany(gate, limited, 20), SOON).toEqual(new Map([[403, 20]]))
  }, 60_000)
})

describe.runIf(process.platform === 'linux')('Redis that hangs', () => {
  test('costs a request its deadline at most, and nothing is counted twice', async () => {
    const { gate } = outage
    process.kill(redis.pid(), 'SIGSTOP')
    try {
      using begun = startStopwatch()
      expect([...(await fetchMany(gate, limited, 12))]).toEqual([[200, 12]])
      expect(begun.ms()).toBeLessThan(2_500)
      await expect.poll(() => figure('postern_store_up'), SOON).toBe(0)
      using later = startStopwatch()
      expect([...(await fetchMany(gate, limited, 200))]).toEqual([[200, 200]])
      expect(later.ms()).toBeLessThan(5_000)
      expect([...(await fetchMany(gate, limited, 12, REFUSING))]).toEqual([[503, 12]])
    } finally {
      process.kill(redis.pid(), 'SIGCONT')
    }
    await expect.poll(outage.files, SOON).toEqual([])
    await expect.poll(() => downloadsOf(limited), SOON).toBe(272)
    // What the store charged without a word was given back.
    expect([...(await fetchMany(gate, limited, 8))]).toEqual([[200, 8]])
    expect(await downloadsOf(limited)).toBe(280)
  }, 60_000)
})
